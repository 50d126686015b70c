"""Giving a membership to somebody: the giver's pages, and the page where a code is redeemed."""

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from membership.clock import utc_now
from membership.db import session, transaction
from membership.donations import handlers as donation_handlers
from membership.errors import Conflict, GatewayFailed, Invalid
from membership.gifts import handlers, service
from membership.gifts.errors import GiftReturned
from membership.gifts.forms import GiftForm, GiftRefused, RedeemForm, read_address
from membership.gifts.models import Gift
from membership.i18n import current_locale, gettext
from membership.patrons.errors import ErasureUnderWay
from membership.patrons.login import current_patron
from membership.patrons.models import Patron
from membership.patrons.service import find_leaving, register, tell_of_erasure
from membership.tiers.rules import currencies_of
from membership.tiers.service import list_open_tiers
from membership.web import lead_out, say, settings, source_path, status_of

bp = Blueprint("gifts", __name__)
# Whoever knows the address of a giver's page may do what the giver may; it is said to nobody else.
GIVER = "giver"


@bp.get("/gifts")
def ask() -> ResponseReturnValue:
    """Ask which membership, for whom, and when."""
    return _page(request.args, {})


@bp.post("/gifts")
def start() -> ResponseReturnValue:
    """Send the giver to the checkout page."""
    patron = current_patron()
    config = settings()
    try:
        form = GiftForm.parse(
            request.form, now=utc_now(), timezone=config.publication_timezone, needs_email=patron is None
        )
        return lead_out(donation_handlers.open_checkout(_buy(form, patron)), gettext("Go on to the payment page"))
    except GiftRefused as refused:
        return _page(request.form, {name: say(problem) for name, problem in refused.problems.items()}), 400
    except Invalid as refusal:
        return _page(request.form, {refusal.field or "form": say(refusal)}), 400
    except (ErasureUnderWay, GatewayFailed) as refusal:
        return _page(request.form, {"form": say(refusal)}), status_of(refusal)


def _buy(form: GiftForm, patron: Patron | None) -> int:
    draft = service.GiftDraft(
        offer=form.offer,
        giver_email=patron.email if patron else form.email,
        giver_id=patron.id if patron else None,
        giver_name=form.giver_name,
        recipient_name=form.recipient_name,
        recipient_email=form.recipient_email,
        recipient_locale=form.recipient_locale,
        words=form.words,
        send_at=form.send_at,
        locale=current_locale(),
        source=form.source,
    )
    with transaction() as current:
        return service.buy(current, draft, request.form.get("currency") or settings().default_currency).donation.id


def _page(chosen: Mapping[str, str], errors: Mapping[str, str]) -> str:
    currency = _currency(chosen)
    return render_template(
        "gifts/page.html",
        chosen=chosen,
        errors=errors,
        offers=service.list_offers(session(), currency),
        currency=currency,
        currencies=_currencies(),
        source=source_path(chosen.get("source")),
        is_known=current_patron() is not None,
    )


def _currency(chosen: Mapping[str, str]) -> str:
    wanted, offered = chosen.get("currency", ""), _currencies()
    return wanted if wanted in offered else offered[0]


def _currencies() -> list[str]:
    return currencies_of(list_open_tiers(session()), settings().default_currency)


@bp.get("/gifts/<public_id>")
def show(public_id: str) -> ResponseReturnValue:
    """Tell the giver how her gift stands, and what she can do."""
    return _show(service.get_gift(session(), public_id))


def _show(gift: Gift, error: str = "") -> str:
    return render_template("gifts/gift.html", gift=gift, state=service.state_of(session(), gift).value, error=error)


@bp.post("/gifts/<public_id>/send")
def send_again(public_id: str) -> ResponseReturnValue:
    """Send a new code, to another address if the giver says one; the old code dies."""
    try:
        email = read_address(request.form.get("recipient_email", ""))
    except Invalid as refusal:
        return _show(service.get_gift(session(), public_id), say(refusal)), 400
    with transaction() as current:
        service.send_again(current, public_id, email, utc_now())
    flash(gettext("A new code is on its way. The old one does not work any more."), "good")
    return redirect(url_for(".show", public_id=public_id), code=303)


@bp.post("/gifts/<public_id>/return")
def give_back(public_id: str) -> ResponseReturnValue:
    """Return the money of an unused gift to its giver."""
    try:
        handlers.give_back(public_id, actor=GIVER, reason="returned by its giver while it was unused")
    except GatewayFailed as refusal:
        return _show(service.get_gift(session(), public_id), say(refusal)), 502
    except GiftReturned:
        # Pressed twice, it is on its way the second time as well.
        if not service.is_sent_back(session(), service.get_gift(session(), public_id)):
            raise
    flash(gettext("The money is on its way back to you. The code does not work any more."), "good")
    return redirect(url_for(".show", public_id=public_id), code=303)


@bp.get("/redeem")
def ask_code() -> ResponseReturnValue:
    """Ask for the code of a gift; nothing is redeemed by opening an address."""
    return _redeem_page(request.args)


@bp.post("/redeem")
def redeem() -> ResponseReturnValue:
    """Give the reader the time of her code: whoever has signed in, else the patron of the address that she types."""
    patron = current_patron()
    try:
        form = RedeemForm.parse(request.form, needs_email=patron is None)
        plan = _redeem(form, patron)
    except (Invalid, Conflict) as refusal:
        return _redeem_page(request.form, {refusal.field or "form": say(refusal)}), status_of(refusal)
    handlers.ask_soon(plan)
    return render_template("gifts/redeemed.html", is_known=patron is not None, email=form.email)


def _redeem(form: RedeemForm, patron: Patron | None) -> service.PausePlan | None:
    with transaction() as current:
        if patron is None and (leaving := find_leaving(current, form.email)):
            # Whoever types an address is told nothing about it; its owner learns that the code is still to be used.
            service.check_code(current, form.code, leaving.id)
            tell_of_erasure(current, form.email)
            return None
        recipient = (
            current.get_one(Patron, patron.id) if patron else register(current, form.email, locale=current_locale())
        )
        return service.find_wanted(current, service.redeem(current, form.code, recipient, utc_now()))


def _redeem_page(chosen: Mapping[str, str], errors: Mapping[str, str] | None = None) -> str:
    patron = current_patron()
    rests = service.resting(session(), patron.id) if patron else None
    return render_template(
        "gifts/redeem.html", chosen=chosen, errors=errors or {}, is_known=patron is not None, rests=rests
    )
