"""Patrons: found, looked at, granted access; every look is noted."""

from functools import partial

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from membership.audit.service import note
from membership.clock import utc_now
from membership.db import session, transaction
from membership.errors import Invalid
from membership.i18n import gettext
from membership.patrons.login import staff_only
from membership.patrons.models import Patron, Role
from membership.patrons.service import get_patron
from membership.staff import service
from membership.staff.forms import CompForm
from membership.staff.rules import audit_name
from membership.staff.views.desk import bp, errors_of, page_number, with_reason, zone
from membership.subscriptions.rules import standing_of
from membership.tiers.service import list_open_tiers

LONGEST_SEARCH = 100


@bp.get("/patrons")
def search_patrons() -> ResponseReturnValue:
    """Find patrons by how their e-mail or name begins."""
    actor = audit_name(staff_only(Role.VIEWER))
    words, page = request.args.get("q", "").strip()[:LONGEST_SEARCH], page_number()
    found = _search(words, page, actor) if words else []
    shown = {"found": found[: service.PAGE], "has_more": len(found) > service.PAGE}
    return render_template("staff/patrons.html", words=words, page=page, **shown)


def _search(words: str, page: int, actor: str) -> list[Patron]:
    with transaction() as current:
        found = service.search(current, words, page)
        note(current, actor=actor, action="patrons.searched", subject="patrons", found=len(found))
    return found


@bp.get("/patrons/<public_id>")
def show_patron(public_id: str) -> ResponseReturnValue:
    """Show everything about a patron that staff may see, and note who looked."""
    actor = audit_name(staff_only(Role.VIEWER))
    with transaction() as current:
        patron = get_patron(current, public_id)
        note(current, actor=actor, action="patron.opened", subject=audit_name(patron))
    file = service.open_file(session(), patron, utc_now())
    return render_template("staff/patron.html", file=file, standing_of=standing_of)


@bp.get("/patrons/<public_id>/comp")
def consider_comp(public_id: str) -> ResponseReturnValue:
    """Ask for which tier, until when, and why."""
    staff_only(Role.EDITOR)
    return _comp_page(public_id)


@bp.post("/patrons/<public_id>/comp")
def grant_comp(public_id: str) -> ResponseReturnValue:
    """Grant complimentary access."""
    actor = audit_name(staff_only(Role.EDITOR))
    try:
        _grant(public_id, CompForm.parse(request.form, zone()), actor)
    except Invalid as refusal:
        return _comp_page(public_id, errors_of(refusal)), 400
    flash(gettext("The access is granted."), "good")
    return redirect(url_for(".show_patron", public_id=public_id), code=303)


def _grant(public_id: str, form: CompForm, actor: str) -> None:
    with transaction() as current:
        patron = get_patron(current, public_id)
        service.grant_comp(current, patron, form.tier, form.ends_at, reason=form.reason, actor=actor)


def _comp_page(public_id: str, errors: dict[str, str] | None = None) -> str:
    patron, tiers = get_patron(session(), public_id), list_open_tiers(session())
    return render_template("staff/comp.html", patron=patron, tiers=tiers, form=request.form, errors=errors or {})


@bp.get("/patrons/<public_id>/comps/<int:comp_id>/revoke")
def consider_revoking(public_id: str, comp_id: int) -> ResponseReturnValue:
    """Say what taking back complimentary access will do."""
    staff_only(Role.EDITOR)
    return _revoke_page(public_id, comp_id)


@bp.post("/patrons/<public_id>/comps/<int:comp_id>/revoke")
def revoke_comp(public_id: str, comp_id: int) -> ResponseReturnValue:
    """Take back complimentary access."""
    actor = audit_name(staff_only(Role.EDITOR))

    def act(reason: str) -> None:
        with transaction() as current:
            service.revoke_comp(current, get_patron(current, public_id), comp_id, reason=reason, actor=actor)

    words, where = gettext("The access is taken back."), url_for(".show_patron", public_id=public_id)
    return with_reason(partial(_revoke_page, public_id, comp_id), act, words, where)


def _revoke_page(public_id: str, comp_id: int, errors: dict[str, str] | None = None) -> str:
    patron = get_patron(session(), public_id)
    comp, tier = service.get_comp(session(), patron.id, comp_id)
    return render_template("staff/revoke.html", patron=patron, comp=comp, tier=tier, errors=errors or {})
