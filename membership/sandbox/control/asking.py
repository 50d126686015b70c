"""How the levers are asked: JSON or a form, from this machine only, refusals as Stripe words them."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, TypeVar

from flask import Blueprint, abort, jsonify, redirect, request
from flask.typing import ResponseReturnValue

from membership.sandbox import periods
from membership.sandbox.billing import engine
from membership.sandbox.cards import Card, find_card
from membership.sandbox.errors import ApiError, InvalidParam
from membership.sandbox.hosted import world
from membership.sandbox.store import Object
from membership.sandbox.wire import integer

bp = Blueprint("control", __name__, url_prefix="/_sandbox")
DAY = 24 * 3600
Choice = TypeVar("Choice", bound=StrEnum)
FARTHEST = 20 * 366 * DAY


@bp.before_request
def only_from_here() -> None:
    """Refuse what a page of another site sends by the reader's browser."""
    if request.method == "POST" and request.headers.get("Sec-Fetch-Site", "none") not in {"none", "same-origin"}:
        abort(403)
    engine.catch_up(world())


@bp.errorhandler(ApiError)
def refuse(error: ApiError) -> ResponseReturnValue:
    """Answer with the error as Stripe would word it."""
    return error.body(), error.status


def given() -> dict[str, Any]:
    """Return what was sent."""
    sent = request.get_json(silent=True) if request.is_json else request.form.to_dict()
    if not isinstance(sent, dict):
        raise InvalidParam("Send one JSON object.")
    return sent


def done(answer: Object) -> ResponseReturnValue:
    """Answer a program, or lead a person back to the page."""
    return jsonify(answer) if request.is_json else redirect("/_sandbox/", 303)


def target(asked: dict[str, Any]) -> int:
    """Return the moment to which the clock shall go."""
    now = world().clock.now()
    unit = next((unit for unit in ("seconds", "days", "months") if unit in asked), "seconds")
    count = integer(asked.get(unit, ""), unit)
    if unit == "months":
        moment = periods.after(now, "month", min(count, 999))
    else:
        moment = now + count * {"days": DAY, "seconds": 1}[unit]
    if not now <= moment <= now + FARTHEST:
        raise InvalidParam("The clock goes forward only, and at most 20 years at once.", param=unit)
    return moment


def one_of(choices: type[Choice], value: object, name: str) -> Choice:
    """Return one of the words of a lever."""
    return choices(word_of(list(choices), value, name))


def word_of(choices: Iterable[str], value: object, name: str) -> str:
    """Return a word that must be one of these."""
    words = list(choices)
    if value not in words:
        raise InvalidParam(f"Invalid {name}: must be one of {', '.join(words)}", param=name)
    return str(value)


def card_of(asked: dict[str, Any]) -> Card:
    """Return the test card that was named."""
    card = find_card(str(asked.get("card", "")))
    if card is None:
        raise InvalidParam("The sandbox takes only its test cards.", code="incorrect_number", param="card")
    return card
