"""The hosted checkout page: what is bought, a card field with the test numbers below it, pay or leave."""

from urllib.parse import urlsplit

from babel.numbers import format_currency
from flask import Blueprint, Response, current_app, redirect, render_template, request
from flask.typing import ResponseReturnValue

from membership.sandbox import checkout
from membership.sandbox.billing import engine
from membership.sandbox.billing.charging import WITHOUT_DECIMALS
from membership.sandbox.cards import CARDS, Card, find_card
from membership.sandbox.errors import CardDeclined, Missing
from membership.sandbox.store import Object
from membership.sandbox.words import LANGUAGES, WORDS
from membership.sandbox.world import World

bp = Blueprint("pages", __name__, url_prefix="/c/pay", template_folder="templates")


def world() -> World:
    """Return the world that this application shows."""
    return current_app.extensions["world"]  # type: ignore[no-any-return]


@bp.before_request
def catch_up() -> None:
    """Let what is due happen first."""
    engine.catch_up(world())


@bp.get("/<id>")
def show(id: str) -> ResponseReturnValue:
    """Show what is bought, and ask for a card."""
    with world().lock:
        return _page(_session(id))


@bp.post("/<id>")
def pay(id: str) -> ResponseReturnValue:
    """Pay with the card that was typed, or ask its bank first."""
    typed = request.form
    with world().lock:
        session = _session(id)
        card = find_card(typed.get("card", ""))
        email = checkout.email_of(world(), session) or typed.get("email", "").strip()
        if session["status"] != "open":
            return _page(session)
        if card is None or "@" not in email:
            return _page(session, card_error="" if card else "unknown_card", email_error=email)
        if card.asks and not card.first:
            world().store.untold[id]["asked"] = {"card": card.number, "email": email, "name": typed.get("name")}
            return redirect(f"/c/pay/{id}/confirm", 303)
        return _settle(session, card, email, typed.get("name"))
