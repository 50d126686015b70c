"""What all commands share: a refusal is one line and a failing exit, and every answer can be had as JSON."""

import json
from collections.abc import Sequence
from typing import Any

import click
from flask.cli import AppGroup

from membership.config import Misconfigured
from membership.errors import MembershipError
from membership.i18n import gettext
from membership.words import clean_reason


class _Reason(click.ParamType[str]):
    """Why something is done, in words that can be seen."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return clean_reason(str(value)) or self.fail("Please write the reason.", param, ctx)


REASON = _Reason()
as_json = click.option("--json", "as_json", is_flag=True, help="Answer for programs.")


class Refusing(click.Command):
    """A command that says a refusal in words."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except MembershipError as error:
            about = f" ({error.field})" if error.field else ""
            raise click.ClickException(gettext(error.message, **error.values) + about) from error
        except Misconfigured as error:
            raise click.ClickException(str(error)) from error


class Commands(AppGroup):
    """A group of commands that say a refusal in words."""

    command_class = Refusing


def tell(values: Any, lines: Sequence[str] | str, as_json: bool) -> None:
    """Answer in lines for people, or in JSON for programs."""
    words = lines if isinstance(lines, str) else "\n".join(lines)
    click.echo(json.dumps(values, ensure_ascii=False, indent=2) if as_json else words)
