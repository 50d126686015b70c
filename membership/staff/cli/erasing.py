"""Commands that forget patrons, and forget them again after a backup has brought them back."""

from contextlib import suppress
from typing import TextIO

import click
from sqlalchemy import func, select

from membership.commands import as_json, tell
from membership.db import session, transaction
from membership.errors import GatewayFailed
from membership.patrons.models import Patron
from membership.privacy.errors import StaffErased
from membership.privacy.handlers import turn
from membership.privacy.models import Erasure
from membership.privacy.service import ask_erasure, find_brought_back, list_erased, read_list
from membership.staff.cli.people import ACTOR, get_by_email, patrons, why
from membership.staff.forms import read_reason

__all__ = ["patrons"]

BROUGHT_BACK = "erased before, and brought back by a backup"


@patrons.command()
@click.argument("email")
@why
@as_json
def erase(email: str, reason: str, as_json: bool) -> None:
    """Forget a patron: what she supports with ends, what is known of her goes, the books stay."""
    asked = read_reason({"reason": reason})
    with transaction() as current:
        erasure = ask_erasure(current, get_by_email(email), actor=ACTOR, reason=asked)
    _go_on()
    done = session().get_one(Erasure, erasure.id, populate_existing=True).done_at is not None
    tell({"erased": done}, "Forgotten." if done else "Asked for; the worker goes on as soon as it can.", as_json)


@patrons.command()
@as_json
def erasures(as_json: bool) -> None:
    """List who was erased by the random names of their accounts, to be kept beside the backups."""
    lines = list_erased(session())
    tell({"erased": lines}, lines, as_json)


@patrons.command()
@click.argument("kept", type=click.File(encoding="utf-8"))
@as_json
@click.pass_context
def erase_again(context: click.Context, kept: TextIO, as_json: bool) -> None:
    """Forget again whoever is on a list of erasures and was brought back by a backup."""
    brought_back = [patron.id for patron in find_brought_back(session(), read_list(kept))]
    works_here = [patron_id for patron_id in brought_back if not _ask_again(patron_id)]
    _go_on()
    told = {"brought_back": len(brought_back), "erased_again": _count_done(brought_back), "work_here": len(works_here)}
    tell(told, [f"{name.replace('_', ' ')}: {count}" for name, count in told.items()], as_json)
    context.exit(0 if told["erased_again"] == told["brought_back"] else 1)


def _ask_again(patron_id: int) -> bool:
    """Ask for an erasure, unless the backup is of a day on which she still worked here."""
    try:
        with transaction() as current:
            ask_erasure(current, current.get_one(Patron, patron_id), actor=ACTOR, reason=BROUGHT_BACK)
    except StaffErased:
        return False
    return True


def _count_done(patron_ids: list[int]) -> int:
    done = select(func.count()).where(Erasure.patron_id.in_(patron_ids), Erasure.done_at.is_not(None))
    return session().scalar(done) or 0


def _go_on() -> None:
    # What Stripe does not answer now, the worker asks again every ten minutes.
    with suppress(GatewayFailed):
        turn({})
