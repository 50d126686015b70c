"""The sandbox's levers under /_sandbox: the clock, webhooks, faults, payments; as JSON, and as a page for people."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from flask import Blueprint, abort, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue

from membership.sandbox import checkout, periods
from membership.sandbox.billing import engine
from membership.sandbox.cards import CARDS, Card, find_card
from membership.sandbox.errors import ApiError, InvalidParam
from membership.sandbox.faults import Fault
from membership.sandbox.pages import world
from membership.sandbox.store import Object
from membership.sandbox.webhooks import Mode
from membership.sandbox.wire import integer
from membership.sandbox.words import WORDS

bp = Blueprint("control", __name__, url_prefix="/_sandbox")
SHOWN = 10
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


@bp.get("/")
def home() -> ResponseReturnValue:
    """Show the levers to people."""
    with world().lock:
        shared = {"words": WORDS["en"], "cards": CARDS.values(), "when": _when}
        body = render_template("control.html", state=_state(), modes=list(Mode), **shared)
    policy = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    return body, {"Content-Security-Policy": policy}


@bp.get("/state")
def state() -> ResponseReturnValue:
    """Tell the time, the mode, what there is, and what waits to be delivered."""
    with world().lock:
        return jsonify(_state())


@bp.post("/advance")
def advance() -> ResponseReturnValue:
    """Move the clock forward through everything that falls due."""
    told = engine.advance(world(), _target(_given()))
    return _done({"now": world().clock.now(), "events": told})


@bp.post("/webhooks")
def webhooks() -> ResponseReturnValue:
    """Deliver events, hold them, or lose them."""
    mode = _one_of(Mode, _given().get("mode"), "mode")
    world().webhooks.switch(mode)
    world().changes += 1
    return _done({"mode": mode})


@bp.post("/checkout/<id>/pay")
def pay(id: str) -> ResponseReturnValue:
    """Pay a session without its page; a bank that asks gets its confirmation."""
    given = _given()
    with world().lock:
        session = world().store.get("checkout.session", id)
        email = given.get("email", "reader@example.org")
        known = checkout.email_of(world(), session)
        checkout.pay(world(), session, _card(given), email=known or email, name=given.get("name"))
        world().changes += 1
        return _done({"status": session["status"], "redirect": checkout.success_url(session)})


@bp.post("/customers/<id>/card")
def change_card(id: str) -> ResponseReturnValue:
    """Give a customer another card, as she would in the portal."""
    with world().lock:
        checkout.change_card(world(), checkout.living(world(), id), _card(_given()))
        world().changes += 1
        return _done({"customer": id})


@bp.post("/faults")
def faults() -> ResponseReturnValue:
    """Let requests to the API go wrong."""
    given = _given()
    mode = _one_of(Fault, given.get("mode"), "mode")
    times = given.get("times")
    world().faults.set(mode, str(given.get("path", "/v1/")), None if times is None else integer(times, "times"))
    return _done({"mode": mode})


@bp.post("/events/<id>/resend")
def resend(id: str) -> ResponseReturnValue:
    """Send an event again, as many times as asked."""
    with world().lock:
        event = world().store.get("event", id)
        times = integer(_given().get("times", 1), "times")
        for _ in range(times):
            world().resend(event)
        return _done({"event": id, "times": times})


@bp.post("/events/shuffle")
def shuffle() -> ResponseReturnValue:
    """Bring the events that wait into another order."""
    store = world().store
    world().webhooks.shuffle(f"{store.seed}:{store.given}")
    return _done({"pending": len(world().webhooks.pending())})


def _state() -> Object:
    store = world().store
    pending = world().webhooks.pending()
    sessions = [session for session, _ in zip(store.newest("checkout.session"), range(SHOWN), strict=False)]
    events = [event for event, _ in zip(store.newest("event"), range(SHOWN), strict=False)]
    return {
        "now": world().clock.now(),
        "mode": world().webhooks.mode,
        "fault": world().faults.mode,
        "counts": {kind: len(table) for kind, table in sorted(store.tables.items())},
        "pending": len(pending),
        "failing": [delivery["event_id"] for delivery in pending if delivery["attempts"]],
        "sessions": [_brief(session, "created mode status url amount_total currency") for session in sessions],
        "events": [_brief(event, "created type pending_webhooks") for event in events],
    }


def _brief(thing: Object, names: str) -> Object:
    return {name: thing[name] for name in ["id", *names.split()]}


def _given() -> dict[str, Any]:
    given = request.get_json(silent=True) if request.is_json else request.form.to_dict()
    if not isinstance(given, dict):
        raise InvalidParam("Send one JSON object.")
    return given


def _done(answer: Object) -> ResponseReturnValue:
    return jsonify(answer) if request.is_json else redirect("/_sandbox/", 303)


def _target(given: dict[str, Any]) -> int:
    now = world().clock.now()
    unit = next((unit for unit in ("seconds", "days", "months") if unit in given), "seconds")
    count = integer(given.get(unit, ""), unit)
    if unit == "months":
        target = periods.after(now, "month", min(count, 999))
    else:
        target = now + count * {"days": DAY, "seconds": 1}[unit]
    if not now <= target <= now + FARTHEST:
        raise InvalidParam("The clock goes forward only, and at most 20 years at once.", param=unit)
    return target


def _one_of(choices: type[Choice], value: object, name: str) -> Choice:
    if value not in list(choices):
        raise InvalidParam(f"Invalid {name}: must be one of {', '.join(choices)}", param=name)
    return choices(str(value))


def _card(given: dict[str, Any]) -> Card:
    card = find_card(str(given.get("card", "")))
    if card is None:
        raise InvalidParam("The sandbox takes only its test cards.", code="incorrect_number", param="card")
    return card


def _when(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M:%S")
