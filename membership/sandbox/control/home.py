"""The clock, webhooks, checkout and events; as JSON, and as a page for people."""

from datetime import UTC, datetime

from flask import jsonify, render_template
from flask.typing import ResponseReturnValue

from membership.sandbox import checkout
from membership.sandbox.billing import engine
from membership.sandbox.cards import CARDS, COMMON
from membership.sandbox.control.asking import bp, card_of, done, given, one_of, target
from membership.sandbox.hosted import money, world
from membership.sandbox.store import Object
from membership.sandbox.webhooks import Mode
from membership.sandbox.wire import integer
from membership.sandbox.words import WORDS

SHOWN = 10


@bp.get("/")
def home() -> ResponseReturnValue:
    """Show the levers to people."""
    with world().lock:
        shared = {"words": WORDS["en"], "cards": list(CARDS.values()), "common": COMMON, "when": _when, "money": _money}
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
    told = engine.advance(world(), target(given()))
    return done({"now": world().clock.now(), "events": told})


@bp.post("/webhooks")
def webhooks() -> ResponseReturnValue:
    """Deliver events, hold them, or lose them."""
    mode = one_of(Mode, given().get("mode"), "mode")
    world().webhooks.switch(mode)
    world().changes += 1
    return done({"mode": mode})


@bp.post("/checkout/<id>/pay")
def pay(id: str) -> ResponseReturnValue:
    """Pay a session without its page; a bank that asks gets its confirmation."""
    asked = given()
    with world().lock:
        session = world().store.get("checkout.session", id)
        email = asked.get("email", "reader@example.org")
        known = checkout.email_of(world(), session)
        checkout.pay(world(), session, card_of(asked), email=known or email, name=asked.get("name"))
        world().changes += 1
        return done({"status": session["status"], "redirect": checkout.success_url(session)})


@bp.post("/customers/<id>/card")
def change_card(id: str) -> ResponseReturnValue:
    """Give a customer another card, as she would in the portal."""
    with world().lock:
        checkout.change_card(world(), checkout.living(world(), id), card_of(given()))
        world().changes += 1
        return done({"customer": id})


@bp.post("/events/<id>/resend")
def resend(id: str) -> ResponseReturnValue:
    """Send an event again, as many times as asked."""
    with world().lock:
        event = world().store.get("event", id)
        times = integer(given().get("times", 1), "times")
        for _ in range(times):
            world().resend(event)
        return done({"event": id, "times": times})


@bp.post("/events/shuffle")
def shuffle() -> ResponseReturnValue:
    """Bring the events that wait into another order."""
    store = world().store
    world().webhooks.shuffle(f"{store.seed}:{store.given}")
    return done({"pending": len(world().webhooks.pending())})


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
        "next_due": world().agenda.entries[0][0] if world().agenda.entries else None,
        "pending": len(pending),
        "failing": [delivery["event_id"] for delivery in pending if delivery["attempts"]],
        "sessions": [_brief(session, "created mode status url amount_total currency") for session in sessions],
        "events": [_brief(event, "created type pending_webhooks") for event in events],
    }


def _brief(thing: Object, names: str) -> Object:
    return {name: thing[name] for name in ["id", *names.split()]}


def _money(session: Object) -> str:
    amount, currency = session["amount_total"], session["currency"]
    return money(amount, currency, "en") if amount is not None and currency else "nothing"


def _when(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M:%S")
