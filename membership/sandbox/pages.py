"""The hosted checkout page: what is bought, a card field with the test numbers below it, pay or leave."""

from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from membership.sandbox import checkout, totals
from membership.sandbox.cards import CARDS, Card, find_card
from membership.sandbox.errors import ApiError, CardDeclined, Missing
from membership.sandbox.hosted import begin, end, language_of, money, page, rhythm, world
from membership.sandbox.objects.catalogue import amount_in
from membership.sandbox.store import Object

bp = Blueprint("pages", __name__, url_prefix="/c/pay")


bp.before_request(begin)
bp.teardown_request(end)


@bp.get("/<id>")
def show(id: str) -> ResponseReturnValue:
    """Show what is bought, and ask for a card."""
    session = _session(id)
    return _form(session) if session["status"] == "open" else _closed(session, 200)


@bp.post("/<id>")
def pay(id: str) -> ResponseReturnValue:
    """Pay with the card that was typed, or ask its bank first."""
    session = _session(id)
    if session["status"] != "open":
        return _closed(session, 409)
    email = checkout.email_of(world(), session) or request.form.get("email", "").strip()
    card = find_card(request.form.get("card", ""))
    is_complete = card is not None or not totals.needs_card(session)
    errors = {"card": "" if is_complete else "unknown_card", "email": "" if "@" in email else "bad_email"}
    if not is_complete or "@" not in email:
        return _form(session, 400, errors=errors)
    buyer = {"email": email, "name": request.form.get("name", "").strip() or None}
    if card and card.asks:
        checkout.ask(world(), session)
        world().store.untold[id]["asked"] = {"number": card.number, **buyer}
        return redirect(f"/c/pay/{id}/confirm", 303)
    return _settle(session, card, buyer)


@bp.post("/<id>/code")
def use_code(id: str) -> ResponseReturnValue:
    """Take off what a promotion code stands for."""
    session = _session(id)
    if session["status"] != "open" or not session["allow_promotion_codes"]:
        return redirect(f"/c/pay/{id}", 303)
    try:
        totals.use_code(world(), session, request.form.get("code", ""))
    except ApiError:
        return _form(session, 400, errors={"code": "bad_code"})
    return redirect(f"/c/pay/{id}", 303)


@bp.get("/<id>/confirm")
def ask(id: str) -> ResponseReturnValue:
    """Ask, as the buyer's bank, whether it is she who pays."""
    session = _session(id)
    if session["status"] != "open" or "asked" not in world().store.untold[id]:
        return redirect(f"/c/pay/{id}", 303)
    return page("confirm.html", session, 200, action=url_for("pages.confirm", id=id))


@bp.post("/<id>/confirm")
def confirm(id: str) -> ResponseReturnValue:
    """Take the buyer's answer to her bank."""
    session = _session(id)
    asked = world().store.untold[id].pop("asked", None)
    if session["status"] != "open" or asked is None:
        return redirect(f"/c/pay/{id}", 303)
    card = CARDS[asked.pop("number")]
    if request.form.get("outcome") == "complete":
        return _settle(session, card, asked)
    return _declined(session, checkout.fail_confirmation(world(), session, card))


@bp.errorhandler(Missing)
def missing(error: Missing) -> ResponseReturnValue:
    """Say that there is no such session."""
    return page("closed.html", None, 404, what="unknown")


def _session(id: str) -> Object:
    return world().store.get("checkout.session", id)


def _settle(session: Object, card: Card | None, buyer: dict[str, Any]) -> ResponseReturnValue:
    try:
        checkout.pay(world(), session, card, email=buyer["email"], name=buyer["name"])
    except CardDeclined as refusal:
        return _declined(session, refusal)
    except (checkout.WrongCurrency, checkout.CodeUsedUp) as refusal:
        return _form(session, 400, errors={"card": str(refusal.code)})
    return redirect(checkout.success_url(session), 303)


def _declined(session: Object, refusal: CardDeclined) -> ResponseReturnValue:
    word = refusal.decline_code if refusal.decline_code == "insufficient_funds" else refusal.code
    return _form(session, 402, errors={"card": str(word)})


def _form(session: Object, status: int = 200, *, errors: dict[str, str] | None = None) -> ResponseReturnValue:
    known = checkout.email_of(world(), session)
    language = language_of(session)
    currency, off = session["currency"], session["total_details"]["amount_discount"]
    items = [
        (item["description"], money(_price(item, currency), currency, language), rhythm(item["price"], language))
        for item in world().store.untold[session["id"]]["items"]
    ]
    more = {
        "discount": money(-off, currency, language) if off else "",
        "is_trial": bool(world().store.untold[session["id"]]["trial"]),
        "needs_card": totals.needs_card(session),
    }
    return page("checkout.html", session, status, errors=errors or {}, known_email=known, items=items, **more)


def _price(item: Object, currency: str) -> int:
    return (amount_in(world(), item["price"], currency) or 0) * int(item["quantity"])


def _closed(session: Object, status: int) -> ResponseReturnValue:
    return page("closed.html", session, status, what=session["status"])
