"""Shutting a patron out, and letting her in again."""

from functools import partial

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from membership.access.service import list_bans_of
from membership.db import session, transaction
from membership.i18n import gettext
from membership.patrons.login import staff_only
from membership.patrons.models import Role
from membership.patrons.service import get_patron
from membership.staff import service
from membership.staff.rules import audit_name
from membership.staff.views.desk import bp, with_reason


@bp.get("/patrons/<public_id>/ban")
def consider_ban(public_id: str) -> ResponseReturnValue:
    """Say what shutting a patron out, or letting her in again, will do."""
    staff_only(Role.ADMIN)
    return _page(public_id, {})


@bp.post("/patrons/<public_id>/ban")
def ban(public_id: str) -> ResponseReturnValue:
    """Shut a patron out."""
    actor = audit_name(staff_only(Role.ADMIN))

    def act(reason: str) -> None:
        with transaction() as current:
            service.ban_patron(current, get_patron(current, public_id), reason=reason, actor=actor)

    return with_reason(partial(_page, public_id), act, gettext("She is shut out."), _where(public_id))


@bp.post("/patrons/<public_id>/unban")
def unban(public_id: str) -> ResponseReturnValue:
    """Let a patron in again."""
    actor = audit_name(staff_only(Role.ADMIN))

    def act(reason: str) -> None:
        with transaction() as current:
            service.lift_ban(current, get_patron(current, public_id), reason=reason, actor=actor)

    return with_reason(partial(_page, public_id), act, gettext("She is let in again."), _where(public_id))


def _page(public_id: str, errors: dict[str, str]) -> str:
    patron = get_patron(session(), public_id)
    ban = next((ban for ban in list_bans_of(session(), patron.id) if ban.lifted_at is None), None)
    return render_template("staff/ban.html", patron=patron, ban=ban, errors=errors)


def _where(public_id: str) -> str:
    return url_for(".show_patron", public_id=public_id)
