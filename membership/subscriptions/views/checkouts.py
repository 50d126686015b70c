"""Giving regularly: the summary, and the way to the checkout page."""

from collections.abc import Mapping
from datetime import datetime

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from membership.clock import utc_now
from membership.db import release, session, transaction
from membership.errors import GatewayFailed, Invalid
from membership.gateway.current import gateway
from membership.gateway.errors import GatewayMissing
from membership.gateway.values import CheckoutStatus
from membership.i18n import current_locale, gettext
from membership.jobs.service import enqueue
from membership.money import Money
from membership.patrons.errors import ErasureUnderWay, NotWelcome
from membership.patrons.login import browser_hash, current_patron
from membership.patrons.models import Patron
from membership.patrons.service import register, tell_of_erasure
from membership.subscriptions import handlers, service
from membership.subscriptions.forms import SubscriptionForm
from membership.subscriptions.views.picking import Offered, asked, choose, priced
from membership.terms.rules import first_charge
from membership.terms.service import given_until
from membership.tiers.models import Coupon, Price, PriceKind
from membership.tiers.rules import currencies_for_less, offers_of
from membership.tiers.service import get_usable_coupon, list_open_tiers
from membership.web import lead_out, say, settings, source_path, status_of

bp = Blueprint("subscriptions", __name__)


@bp.get("/subscribe")
def ask() -> ResponseReturnValue:
    """Show what is about to be given, and how often."""
    return summarise(read_form(request.args))


@bp.get("/subscribe/less")
def ask_for_less() -> ResponseReturnValue:
    """Offer the tiers for less to whoever says that they are too much; nobody has to prove it.

    In the currency that she came with, else in the first one in which there is less.
    """
    tiers, wanted = list_open_tiers(session()), request.args.get("currency", "")
    currencies = currencies_for_less(tiers, settings().default_currency)
    currency = wanted if wanted in currencies else next(iter(currencies), settings().default_currency)
    return render_template(
        "subscriptions/less.html",
        offers=offers_of(tiers, currency, PriceKind.CONCESSION),
        chosen=request.args,
        source=source_path(request.args.get("source")),
        currency=currency,
        currencies=currencies,
    )


@bp.post("/subscribe")
def start() -> ResponseReturnValue:
    """Send the reader to the checkout page of a tier."""
    form = read_form(request.form)
    try:
        _admit(form)
        patron_id = _subscriber(form)
        where = _check_out(patron_id, form) if patron_id else None
        return lead_out(where, gettext("Go on to the payment page")) if where else _written()
    except Invalid as error:
        return summarise(form, errors={error.field or "email": say(error)}), 400
    except (ErasureUnderWay, NotWelcome) as error:
        return _turned_away(form, error)
    except GatewayFailed as error:
        return summarise(form, notice=say(error)), status_of(error)


def read_form(fields: Mapping[str, str]) -> SubscriptionForm:
    """Read what she wishes; raises UnknownTier."""
    return SubscriptionForm.parse(fields, settings().default_currency)


def summarise(form: SubscriptionForm, *, errors: Mapping[str, str] | None = None, notice: str = "") -> str:
    """Show the amount and its frequency, and what is still to be filled in; raises UnknownTier or TierRetired."""
    # Named before any button is pressed, so that two presses come from one browser.
    browser_hash()
    found, patron = dict(errors or {}), current_patron()
    offer = _offer(form, found)
    told = {"errors": found, "notice": notice, "is_known": patron is not None, "first_at": _first_at()}
    return render_template("subscriptions/summary.html", form=form, offer=offer, **told)


def _offer(form: SubscriptionForm, errors: dict[str, str]) -> Offered:
    """Return what is about to be given; what cannot be taken is told at its field, and the price stands instead."""
    price = priced(session(), form.pick)
    try:
        amount = asked(price, form.pick)
        reduction = _reduction(form, price, amount)
    except Invalid as error:
        errors.setdefault(error.field or "more", say(error))
        amount, reduction = price.amount, None
    return Offered(price.tier, price.interval, amount, reduction)


def _reduction(form: SubscriptionForm, price: Price, amount: Money) -> service.Reduction | None:
    if not form.coupon:
        return None
    coupon = get_usable_coupon(session(), form.coupon, price, utc_now())
    return service.reduction_of(coupon, amount, price.interval, _first_at() or utc_now())


def _first_at() -> datetime | None:
    """Return when she is charged for the first time, if that is not at once."""
    patron = current_patron()
    return first_charge(utc_now(), given_until(session(), patron.id)) if patron else None


def _admit(form: SubscriptionForm) -> None:
    price = priced(session(), form.pick)
    _reduction(form, price, asked(price, form.pick))


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


def _turned_away(form: SubscriptionForm, error: ErasureUnderWay | NotWelcome) -> ResponseReturnValue:
    """Tell whoever has signed in; of anybody else it is not known whose address she typed, so a letter tells."""
    if current_patron() is not None:
        return summarise(form, notice=say(error)), status_of(error)
    with transaction() as current:
        if not tell_of_erasure(current, form.email):
            service.write_not_welcome(current, form.email)
    return _written()


def _written() -> str:
    return render_template("subscriptions/written.html")


def _check_out(patron_id: int, form: SubscriptionForm) -> str | None:
    """Return where to pay: the checkout that waits for this very wish, or a new one; None if another browser has it."""
    browser, is_proven = browser_hash(), current_patron() is not None
    with transaction() as current:
        price_id, coupon_id = _chosen(current, form)
    if not is_proven and _is_paid_elsewhere(patron_id, browser):
        return None
    if waiting := _resume(patron_id, (price_id, coupon_id), "" if is_proven else browser):
        return waiting
    with transaction() as current:
        patron, price = current.get_one(Patron, patron_id), current.get_one(Price, price_id)
        if not is_proven and service.remind_of_checkout(current, patron, browser):
            return None
        coupon = current.get_one(Coupon, coupon_id) if coupon_id else None
        origin = {"source": form.source, "locale": current_locale(), "browser_hash": browser}
        intent = service.intend(current, patron, price, coupon=coupon, **origin)
    return handlers.open_checkout(intent.reference)


def _is_paid_elsewhere(patron_id: int, browser: str) -> bool:
    """Whether another browser has paid just now and we have not heard of it; it is recorded soon, with its letter."""
    waiting = service.find_waiting(session(), patron_id)
    release()
    if waiting is None or waiting.browser_hash == browser:
        return False
    if _look(waiting.session_id)[1] is not CheckoutStatus.COMPLETE:
        return False
    with transaction() as current:
        payload = {"session_id": waiting.session_id}
        enqueue(current, "checkout.fulfil", f"checkout.fulfil:{waiting.session_id}", payload)
    return True


def _chosen(current: Session, form: SubscriptionForm) -> tuple[int, int | None]:
    price = choose(current, form.pick)
    coupon = get_usable_coupon(current, form.coupon, price, utc_now()) if form.coupon else None
    return price.id, coupon.id if coupon else None


def _resume(patron_id: int, wish: tuple[int, int | None], browser: str) -> str | None:
    """Return where the patron's open checkout leads; close it when it is for another wish, so that only one is open.

    With a browser named, only what that browser began is resumed or closed.
    """
    waiting = service.find_waiting(session(), patron_id)
    release()
    if waiting is None or browser not in {"", waiting.browser_hash}:
        return None
    url, status = _look(waiting.session_id)
    if status is CheckoutStatus.OPEN and (waiting.price_id, waiting.coupon_id) == wish:
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
