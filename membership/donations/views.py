"""Giving once: the summary, and the way to the checkout page."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from membership.db import session, transaction
from membership.donations import handlers, service
from membership.donations.errors import CoverOutdated
from membership.donations.forms import DonationForm
from membership.donations.rules import least
from membership.errors import GatewayFailed, Invalid
from membership.i18n import current_locale, gettext
from membership.patrons.errors import EmailUnreadable, ErasureUnderWay
from membership.patrons.login import current_patron
from membership.patrons.service import canonical_email
from membership.tiers.rules import currencies_of
from membership.tiers.service import list_open_tiers
from membership.web import lead_out, say, settings, source_path, status_of

bp = Blueprint("donations", __name__)


@bp.get("/donate")
def ask() -> ResponseReturnValue:
    """Lead to the page where an amount is chosen."""
    return redirect(url_for("support.ask", interval="once"), code=303)


@bp.post("/donate")
def start() -> ResponseReturnValue:
    """Send the donor to the checkout page; her address gets the receipt and proves nothing."""
    try:
        form = DonationForm.parse(request.form, _currencies())
    except Invalid as error:
        return _ask_again(error), 400
    try:
        return lead_out(handlers.open_checkout(_intend(form)), gettext("Go on to the payment page"))
    except EmailUnreadable as error:
        return summarise(form, error=say(error)), 400
    except (CoverOutdated, ErasureUnderWay, GatewayFailed) as error:
        return summarise(form, notice=say(error)), status_of(error)


def _currencies() -> list[str]:
    return currencies_of(list_open_tiers(session()), settings().default_currency)


def _ask_again(error: Invalid) -> str:
    typed, source, is_known = request.form, source_path(request.form.get("source")), current_patron() is not None
    offered = _currencies()
    smallest = least(typed["currency"] if typed.get("currency") in offered else offered[0])
    return render_template(
        "donations/amount.html",
        typed=typed,
        source=source,
        errors={error.field: say(error)},
        least=smallest,
        is_known=is_known,
    )


def _intend(form: DonationForm) -> int:
    patron = current_patron()
    patron_id, email = (patron.id, patron.email) if patron else (None, canonical_email(form.email))
    with transaction() as current:
        draft = service.DonationDraft(
            amount=form.amount,
            cover_minor=service.cover_as_shown(current, form.amount, form.cover),
            email=email,
            patron_id=patron_id,
            source=form.source,
            locale=current_locale(),
            honouree=form.honouree,
            message=form.message,
            is_anonymous=form.is_anonymous,
        )
        return service.intend(current, draft).id


def summarise(form: DonationForm, *, error: str = "", notice: str = "") -> str:
    """Show the amount, said to be given once, what would cover the fees, and what is still to be filled in."""
    return render_template(
        "donations/summary.html",
        form=form,
        covers=service.list_covers(session(), form.amount),
        error=error,
        notice=notice,
        is_known=current_patron() is not None,
    )
