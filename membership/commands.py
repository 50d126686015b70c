"""What all commands share: a refusal is one line and a failing exit, and every answer can be had as JSON."""

import json
from collections.abc import Sequence
from typing import Any

import click
from flask.cli import AppGroup

from membership.errors import MembershipError
from membership.i18n import gettext

as_json = click.option("--json", "as_json", is_flag=True, help="Answer for programs.")


class Commands(AppGroup):
    """A group of commands that says a refusal in words."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except MembershipError as error:
            raise click.ClickException(gettext(error.message, **error.values)) from None


def tell(values: Any, lines: Sequence[str] | str, as_json: bool) -> None:
    """Answer in lines for people, or in JSON for programs."""
    words = lines if isinstance(lines, str) else "\n".join(lines)
    click.echo(json.dumps(values, ensure_ascii=False, indent=2) if as_json else words)
