"""The pages that tell how to support past Stripe."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from membership.db import session, transaction
from membership.errors import Invalid
from membership.i18n import current_locale, gettext
from membership.offline import rules, service
from membership.offline.models import WayKind
from membership.patrons.login import current_patron
from membership.patrons.service import register, tell_of_erasure
from membership.web import say, status_of

bp = Blueprint("offline", __name__)


@bp.get("/ways")
def show_ways() -> ResponseReturnValue:
    """Tell every other way that is open, and the reader's own reference if she has one."""
    return _page()


@bp.post("/ways/bank")
def ask_reference() -> ResponseReturnValue:
    """Give a patron who has signed in her reference; write it to whoever only types an address."""
    patron = current_patron()
    if patron is not None:
        with transaction() as current:
            service.reference_for(current, patron.id)
        return redirect(url_for(".show_ways"), code=303)
    try:
        _write_reference(request.form.get("email", ""))
    except Invalid as refusal:
        return _page(error=say(refusal)), status_of(refusal)
    flash(gettext("A letter is on its way and says how to go on."), "good")
    return redirect(url_for(".show_ways"), code=303)


def _write_reference(email: str) -> None:
    """Write to an address; to one whose account is being erased, that it is."""
    with transaction() as current:
        service.get_way(current, WayKind.BANK)
        if not tell_of_erasure(current, email):
            service.write_reference(current, register(current, email, locale=current_locale()))


def _page(error: str = "") -> str:
    patron = current_patron()
    reference = service.find_reference(session(), patron.id) if patron else None
    return render_template(
        "offline/ways.html",
        ways=service.list_ways(session()),
        reference=rules.spaced(reference) if reference else "",
        spaced_iban=rules.spaced_iban,
        is_known=patron is not None,
        typed=request.form.get("email", ""),
        error=error,
    )
