"""Signs of stuffing on a roll, and votes taken away before the close."""

from functools import partial

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from membership.clock import utc_now
from membership.db import session, transaction
from membership.i18n import gettext
from membership.patrons.login import staff_only
from membership.patrons.models import Role
from membership.patrons.service import get_patron
from membership.staff.rules import audit_name
from membership.staff.views.desk import bp, with_reason
from membership.voting import service


@bp.get("/votes/rounds/<slug>/signals")
def list_signals(slug: str) -> ResponseReturnValue:
    """Show who on a roll has a sign in common."""
    staff_only(Role.EDITOR)
    round = service.get_round(session(), slug)
    return render_template("staff/signals.html", round=round, clusters=service.list_signals(session(), round))


@bp.get("/votes/rounds/<slug>/voters/<public_id>/strike")
def consider_striking(slug: str, public_id: str) -> ResponseReturnValue:
    """Say what taking a vote away does."""
    staff_only(Role.ADMIN)
    return _strike_page(slug, public_id)


@bp.post("/votes/rounds/<slug>/voters/<public_id>/strike")
def strike(slug: str, public_id: str) -> ResponseReturnValue:
    """Take a vote away while the round is open."""
    actor = audit_name(staff_only(Role.ADMIN))

    def act(reason: str) -> None:
        with transaction() as current:
            round = service.get_round(current, slug)
            service.remove_voter(current, round, public_id, utc_now(), reason=reason, actor=actor)

    words = gettext("The vote is taken away; how many were is shown with the results.")
    return with_reason(partial(_strike_page, slug, public_id), act, words, url_for(".list_signals", slug=slug))


def _strike_page(slug: str, public_id: str, errors: dict[str, str] | None = None) -> str:
    round, patron = service.get_round(session(), slug), get_patron(session(), public_id)
    return render_template("staff/strike.html", round=round, patron=patron, errors=errors or {})
