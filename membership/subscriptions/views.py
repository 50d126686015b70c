"""Giving regularly: the summary, the way to the checkout page, stopping and going on."""

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from membership.clock import utc_now
from membership.db import release, session, transaction
from membership.errors import GatewayFailed
from membership.gateway.current import gateway
from membership.gateway.errors import GatewayMissing
from membership.gateway.values import CheckoutStatus
from membership.i18n import current_locale, gettext
from membership.patrons.errors import EmailUnreadable
from membership.patrons.login import browser_hash, current_patron, signed_in
from membership.patrons.models import Patron
from membership.patrons.service import register
from membership.subscriptions import handlers, service
from membership.subscriptions.forms import SubscriptionForm
from membership.terms.rules import first_charge
from membership.terms.service import given_until
from membership.tiers.models import Price
from membership.tiers.service import get_open_price
from membership.web import say, settings

bp = Blueprint("subscriptions", __name__)


@bp.get("/subscribe")
def ask() -> ResponseReturnValue:
    """Show what is about to be given, and how often."""
    return summarise(SubscriptionForm.parse(request.args))


@bp.post("/subscribe")
def start() -> ResponseReturnValue:
    """Send the reader to the checkout page of a tier."""
    form = SubscriptionForm.parse(request.form)
    try:
        patron_id = _subscriber(form)
        where = _check_out(patron_id, form) if patron_id else None
        return redirect(where, code=303) if where else _written()
    except EmailUnreadable as error:
        return summarise(form, error=say(error)), 400
    except GatewayFailed as error:
        return summarise(form, notice=say(error)), 502


def summarise(form: SubscriptionForm, *, error: str = "", notice: str = "") -> str:
    """Show the amount and its frequency, and what is still to be filled in; raises UnknownTier or TierRetired."""
    # Named before any button is pressed, so that two presses come from one browser.
    browser_hash()
    price, patron = _price(form), current_patron()
    first_at = first_charge(utc_now(), given_until(session(), patron.id)) if patron else None
    told = {"error": error, "notice": notice, "is_known": patron is not None, "first_at": first_at}
    return render_template("subscriptions/summary.html", form=form, price=price, **told)


def _price(form: SubscriptionForm) -> Price:
    return get_open_price(session(), form.tier, form.interval, settings().default_currency)


def _subscriber(form: SubscriptionForm) -> int | None:
    """Return who subscribes: whoever has signed in, else the patron of the typed address, which proves nothing.

    None when that patron gives already. She is told so by letter; the page says no more than that a letter was
    written. It does differ from the way to the checkout, and so tells that the address gives: the other choice,
    taking money twice from somebody who forgot, is worse, and whoever knows an address and asks learns nothing else.
    """
    if (patron := current_patron()) is not None:
        return patron.id
    with transaction() as current:
        patron = register(current, form.email, locale=current_locale())
        is_giving = service.remind_of_subscription(current, patron, utc_now())
    return None if is_giving else patron.id


def _written() -> str:
    return render_template("subscriptions/written.html")


def _check_out(patron_id: int, form: SubscriptionForm) -> str | None:
    """Return where to pay: the checkout that waits for this very wish, or a new one; None if another browser has it."""
    price_id, browser, is_proven = _price(form).id, browser_hash(), current_patron() is not None
    if waiting := _resume(patron_id, price_id, "" if is_proven else browser):
        return waiting
    with transaction() as current:
        patron = current.get_one(Patron, patron_id)
        price = current.get_one(Price, price_id)
        if not is_proven and service.remind_of_checkout(current, patron, browser):
            return None
        intent = service.intend(
            current, patron, price, source=form.source, locale=current_locale(), browser_hash=browser
        )
    return handlers.open_checkout(intent.reference)


def _resume(patron_id: int, price_id: int, browser: str) -> str | None:
    """Return where the patron's open checkout leads; close it when it is for another wish, so that only one is open.

    With a browser named, only what that browser began is resumed or closed.
    """
    waiting = service.find_waiting(session(), patron_id)
    release()
    if waiting is None or browser not in {"", waiting.browser_hash}:
        return None
    url, status = _look(waiting.session_id)
    if status is CheckoutStatus.OPEN and waiting.price_id == price_id:
        return url
    if status is CheckoutStatus.COMPLETE or not _is_closed(waiting.session_id, status):
        return handlers.thanks_url(waiting.session_id)
    with transaction() as current:
        service.expire_checkout(current, waiting.session_id)
    return None


def _is_closed(session_id: str, status: CheckoutStatus) -> bool:
    return status is CheckoutStatus.EXPIRED or handlers.close_checkout(session_id)


def _look(session_id: str) -> tuple[str | None, CheckoutStatus]:
    try:
        checkout = gateway().get_checkout(session_id)
    except GatewayMissing:
        return None, CheckoutStatus.EXPIRED
    return checkout.url, checkout.status


@bp.get("/account/subscription/stop")
def consider_stopping() -> ResponseReturnValue:
    """Say what will happen, and until when she reads and votes."""
    subscription = service.get_live_subscription(session(), signed_in().id)
    return render_template("subscriptions/stop.html", subscription=subscription)


@bp.post("/account/subscription/stop")
def stop() -> ResponseReturnValue:
    """Stop at the end of what is paid for."""
    handlers.stop(signed_in().id)
    flash(gettext("You will not be charged again. Thank you for what you gave."), "good")
    return redirect("/account", code=303)


@bp.post("/account/subscription/continue")
def go_on() -> ResponseReturnValue:
    """Take the stopping back."""
    handlers.go_on(signed_in().id)
    flash(gettext("You go on giving. Thank you."), "good")
    return redirect("/account", code=303)
