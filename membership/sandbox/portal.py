"""The customer portal: change the card, pay what is late, stop and go on, switch the tier, see the invoices."""

from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import Forbidden

from membership.sandbox import hosted, portal_acts
from membership.sandbox.billing import renewing
from membership.sandbox.cards import find_card
from membership.sandbox.errors import ApiError, CardDeclined, Missing
from membership.sandbox.hosted import day, language_of, money, rhythm, world
from membership.sandbox.store import Object

bp = Blueprint("portal", __name__, url_prefix="/p/session")
bp.before_request(hosted.begin)
bp.teardown_request(hosted.end)
LIVES_FOR = 3600
SHOWN = 24
SAID = ("card_kept", "going_on", "paid_now", "stopped", "stopped_now", "switched")
FLOWS = {"payment_method_update": "card", "subscription_cancel": "cancel", "subscription_update": "switch"}


class Expired(Exception):
    """The link is too old to be used."""


@bp.get("/<id>")
def home(id: str) -> ResponseReturnValue:
    """Show what runs, the card, and the invoices; or the one thing that the session is for."""
    session = _session(id)
    if session["flow"] and "said" not in request.args:
        flow = session["flow"]
        about = (flow.get(flow["type"]) or {}).get("subscription")
        return redirect(url_for(f"portal.{FLOWS[flow['type']]}", id=id, about=about), 303)
    return _home(session)


@bp.route("/<id>/card", methods=["GET", "POST"])
def card(id: str) -> ResponseReturnValue:
    """Take another card, for everything that runs, and pay what is late with it if that is wished."""
    session = _session(id, "payment_method_update")
    late = portal_acts.late_of(world(), session["customer"])
    if request.method == "GET":
        return _page("portal_card.html", session, late=late)
    typed = find_card(request.form.get("card", ""))
    if typed is None:
        return _page("portal_card.html", session, 400, late=late, error="unknown_card")
    wishes = {"session": id, "pays": "pay" in request.form}
    done = url_for("portal.card_done", id=id, _external=True)
    try:
        intent = portal_acts.offer_card(world(), session["customer"], typed, wishes, done)
    except CardDeclined as refusal:
        return _page("portal_card.html", session, 402, late=late, error=_word(refusal))
    if intent["status"] == "requires_action":
        return redirect(intent["next_action"]["redirect_to_url"]["url"], 303)
    return _card_kept(session, intent)


@bp.get("/<id>/card/done")
def card_done(id: str) -> ResponseReturnValue:
    """Take up the card whose bank was asked."""
    session = _session(id, "payment_method_update")
    intent = world().store.get("setup_intent", request.args.get("setup_intent", ""))
    if intent["customer"] != session["customer"] or intent["status"] != "succeeded":
        late = portal_acts.late_of(world(), session["customer"])
        return _page("portal_card.html", session, 402, late=late, error="payment_intent_authentication_failure")
    return _card_kept(session, intent)


@bp.post("/<id>/pay/<about>")
def pay(id: str, about: str) -> ResponseReturnValue:
    """Pay an open invoice with the card that is kept."""
    session = _session(id)
    invoice = portal_acts.own(world(), session, "invoice", about)
    decline = renewing.pay_now(world(), invoice) if invoice["status"] == "open" else None
    return _home(session, 402, error=decline.code) if decline else _back(session, "paid_now")


@bp.route("/<id>/cancel/<about>", methods=["GET", "POST"])
def cancel(id: str, about: str) -> ResponseReturnValue:
    """Ask whether she wants to stop, and why; then stop."""
    session = _session(id, "subscription_cancel")
    subscription = portal_acts.own(world(), session, "subscription", about)
    feature = _features(session)["subscription_cancel"]
    if request.method == "GET":
        reasons = feature["cancellation_reason"]["options"] if feature["cancellation_reason"]["enabled"] else []
        line = _line(subscription, language_of(session))
        return _page("portal_cancel.html", session, line=line, reasons=reasons, is_now=feature["mode"] == "immediately")
    details = {name: request.form[name] for name in ("comment", "feedback") if request.form.get(name)}
    portal_acts.stop(world(), subscription, feature, details)
    return _back(session, "stopped_now" if subscription["status"] == "canceled" else "stopped", about)


@bp.post("/<id>/resume/<about>")
def go_on(id: str, about: str) -> ResponseReturnValue:
    """Take back that it ends."""
    session = _session(id, "subscription_cancel")
    portal_acts.go_on(world(), portal_acts.own(world(), session, "subscription", about))
    return _back(session, "going_on")


@bp.route("/<id>/switch/<about>", methods=["GET", "POST"])
def switch(id: str, about: str) -> ResponseReturnValue:
    """Offer other prices, and change to the one that was chosen."""
    session = _session(id, "subscription_update")
    subscription = portal_acts.own(world(), session, "subscription", about)
    feature = _features(session)["subscription_update"]
    prices = portal_acts.prices_for(world(), subscription, feature)
    if request.method == "GET":
        return _switch(session, subscription, prices)
    chosen = next((price for price in prices if price["id"] == request.form.get("price")), None)
    if chosen is None:
        return _switch(session, subscription, prices, 400)
    try:
        portal_acts.switch(world(), subscription, chosen, feature)
    except ApiError as refusal:
        return _switch(session, subscription, prices, refusal.status, error=_word(refusal))
    return _back(session, "switched")


@bp.errorhandler(Missing)
def missing(error: Missing) -> ResponseReturnValue:
    """Say that there is no such page."""
    return hosted.page("closed.html", None, 404, what="unknown")


@bp.errorhandler(Expired)
def expired(error: Expired) -> ResponseReturnValue:
    """Say that the link is too old."""
    return hosted.page("closed.html", None, 410, what="portal_expired")


def _session(id: str, feature: str | None = None) -> Object:
    session = world().store.get("billing_portal.session", id)
    if session["created"] + LIVES_FOR < world().now():
        raise Expired
    if feature and not _features(session)[feature]["enabled"]:
        raise Forbidden
    return session


def _features(session: Object) -> dict[str, Any]:
    configuration = world().store.get("billing_portal.configuration", session["configuration"])
    return configuration["features"]  # type: ignore[no-any-return]


def _card_kept(session: Object, intent: Object) -> ResponseReturnValue:
    decline = portal_acts.adopt_card(world(), intent)
    return _home(session, 402, error=decline.code) if decline else _back(session, "card_kept")


def _back(session: Object, said: str, about: str | None = None) -> ResponseReturnValue:
    world().changes += 1
    after = (session["flow"] or {}).get("after_completion", {"type": "portal_homepage"})
    if after["type"] == "redirect":
        return redirect(after["redirect"]["return_url"], 303)
    return redirect(url_for("portal.home", id=session["id"], said=said, about=about), 303)


def _home(session: Object, status: int = 200, error: str | None = None) -> ResponseReturnValue:
    language, customer = language_of(session), session["customer"]
    running = [one for one in world().store.where("subscription", customer=customer) if one["status"] in renewing.LIVE]
    invoices = [one for one, _ in zip(world().store.where("invoice", customer=customer), range(SHOWN), strict=False)]
    said = request.args.get("said", "")
    ended = world().store.find("subscription", request.args.get("about", "")) or {"cancel_at": None}
    return _page(
        "portal.html",
        session,
        status,
        lines=[_line(one, language) for one in running],
        late=portal_acts.late_of(world(), customer),
        card=portal_acts.card_of(world(), customer),
        invoices=invoices,
        error=error,
        said=said if said in SAID else None,
        on=day(ended["cancel_at"], language) if ended["cancel_at"] else "",
    )


def _switch(
    session: Object, subscription: Object, prices: list[Object], status: int = 200, error: str | None = None
) -> ResponseReturnValue:
    language = language_of(session)
    chosen = subscription["items"]["data"][0]["price"]["id"]
    offers = [
        {"id": one["id"], "is_current": one["id"] == chosen, **_price(one, one["unit_amount"], language)}
        for one in prices
    ]
    return _page("portal_switch.html", session, status, about=subscription["id"], offers=offers, error=error)


def _line(subscription: Object, language: str) -> dict[str, Any]:
    item = subscription["items"]["data"][0]
    ends, renews = subscription["cancel_at"], item["current_period_end"]
    price = _price(item["price"], item["price"]["unit_amount"] * item["quantity"], language)
    days = {"ends": day(ends, language) if ends else None, "renews": day(renews, language)}
    return price | days | {"id": subscription["id"], "status": subscription["status"]}


def _price(price: Object, amount: int, language: str) -> dict[str, str]:
    name = world().store.get("product", price["product"])["name"]
    return {"name": name, "amount": money(amount, price["currency"], language), "rhythm": rhythm(price, language)}


def _word(refusal: ApiError) -> str:
    is_poor = getattr(refusal, "decline_code", None) == "insufficient_funds"
    return "insufficient_funds" if is_poor else str(refusal.code)


def _page(template: str, session: Object, status: int = 200, **values: Any) -> ResponseReturnValue:
    language = language_of(session)

    def sum_of(invoice: Object) -> str:
        return money(invoice["amount_due"], invoice["currency"], language)

    def date_of(moment: int) -> str:
        return day(moment, language)

    features = _features(session)
    return hosted.page(template, session, status, features=features, sum_of=sum_of, date_of=date_of, **values)
