"""A patron's own pages."""

from collections.abc import Mapping

from flask import Blueprint, flash, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from membership import db
from membership.account import service
from membership.account.forms import DetailsForm, confirm_erasure
from membership.clock import utc_now
from membership.errors import Invalid
from membership.i18n import gettext, speaking
from membership.patrons.login import forget, signed_in
from membership.patrons.models import Patron
from membership.patrons.rules import is_active_staff
from membership.patrons.service import describe, stop_path, wishes_of
from membership.privacy import service as privacy
from membership.privacy.errors import StaffErased
from membership.web import say, settings

bp = Blueprint("account", __name__, url_prefix="/account")


@bp.get("")
def show() -> ResponseReturnValue:
    """Say in a sentence how she stands, then what she can do."""
    patron = signed_in()
    overview = service.look(db.session(), patron.id, utc_now())
    return render_template("account/page.html", patron=patron, overview=overview, is_staff=is_active_staff(patron))


@bp.get("/receipts/<receipt_number>")
def show_receipt(receipt_number: str) -> ResponseReturnValue:
    """Show a receipt, fit to be printed."""
    patron = signed_in()
    receipt = service.get_receipt(db.session(), patron.id, receipt_number)
    return render_template("account/receipt.html", patron=patron, receipt=receipt)


@bp.get("/letters")
def choose_letters() -> ResponseReturnValue:
    """Lead her to the page on which she says which letters she wants, the one that every letter leads to."""
    patron = signed_in()
    with db.transaction() as current:
        path = stop_path(wishes_of(current, [patron])[patron.id])
    return redirect(path, code=303)


@bp.get("/details")
def ask_details() -> ResponseReturnValue:
    """Ask how she wants to be called, and in which language."""
    patron = signed_in()
    return _details_page(patron, patron.name, {})


@bp.post("/details")
def change_details() -> ResponseReturnValue:
    """Keep how she wants to be called, and speak her language from now on."""
    patron = signed_in()
    try:
        form = DetailsForm.parse(request.form)
        with db.transaction() as current:
            describe(current, patron.id, name=form.name, locale=form.locale)
    except Invalid as error:
        return _details_page(patron, request.form.get("name", ""), {error.field: say(error)}), 400
    session["locale"] = form.locale
    with speaking(form.locale, settings().publication_timezone):
        flash(gettext("Kept."), "good")
    return redirect(url_for("account.show"), code=303)


@bp.get("/erase")
def ask_erasure() -> ResponseReturnValue:
    """Say what goes and what stays, and ask for her address in writing."""
    return render_template("account/erase.html", patron=signed_in(), errors={})


@bp.post("/erase")
def erase() -> ResponseReturnValue:
    """Forget a patron who has written her address, and let her go."""
    patron = signed_in()
    try:
        confirm_erasure(patron, request.form)
        with db.transaction() as current:
            privacy.ask_erasure(
                current, current.get_one(Patron, patron.id), actor="the patron", reason="asked on her account page"
            )
    except (Invalid, StaffErased) as error:
        return render_template("account/erase.html", patron=patron, errors={"email": say(error)}), 400
    forget()
    flash(gettext("Your account is being erased. What you supported us with ends now."), "good")
    return redirect(url_for("support.ask"), code=303)


@bp.get("/data")
def show_data() -> ResponseReturnValue:
    """Give her all that is kept about her, as a file."""
    told = privacy.tell_everything(db.session(), signed_in())
    return jsonify(told), {"Content-Disposition": "attachment; filename=membership.json"}


def _details_page(patron: Patron, name: str, errors: Mapping[str | None, str]) -> str:
    return render_template("account/details.html", patron=patron, name=name, chosen=patron.locale, errors=errors)
