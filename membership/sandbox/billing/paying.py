"""Intents of the API: confirmed, asked about by a bank, succeeded or refused, cancelled."""

from membership.sandbox.billing import charging, methods
from membership.sandbox.cards import ASKED_FOR, NOT_CONFIRMED, Card, Decline
from membership.sandbox.store import Object
from membership.sandbox.world import World

NOT_SET_UP = Decline(
    "setup_intent_authentication_failure",
    None,
    "The latest attempt to set up the payment method has failed because authentication failed.",
)


def confirm(world: World, intent: Object, method: Object, *, is_off_session: bool, page: Object) -> Decline | None:
    """Try to take the money of an intent; a bank that asks gets its page first. Return its refusal."""
    card, untold = _card(world, method), world.store.untold[method["id"]]
    intent["payment_method"] = method["id"]
    if is_off_session:
        if card.asks and not (untold.get("is_set_up") or card.is_set_up):
            charging.fail(world, intent, method, ASKED_FOR)
            return ASKED_FOR
        return charging.take(world, intent, method, is_first=False)
    if card.asks:
        _ask(world, intent, page, "payment_intent.requires_action")
        return None
    return _finish(world, intent, method, is_first=method["customer"] is None)


def set_up(world: World, intent: Object, method: Object, *, page: Object) -> Decline | None:
    """Try to keep a payment method for later; return the bank's refusal."""
    card = _card(world, method)
    intent["payment_method"] = method["id"]
    if card.asks:
        _ask(world, intent, page, "setup_intent.requires_action")
        return None
    if card.first and not card.attaches:
        _fail_setup(world, intent, method, card.first)
        return card.first
    _keep_for_later(world, intent, method)
    intent |= {"last_setup_error": None, "next_action": None, "status": "succeeded"}
    world.emit("setup_intent.succeeded", intent)
    return None


def authenticate(world: World, intent: Object, *, has_passed: bool) -> Decline | None:
    """Take the answer that a bank got from its customer."""
    method = world.store.get("payment_method", intent["payment_method"])
    is_setup = intent["object"] == "setup_intent"
    intent["next_action"] = None
    if not has_passed:
        decline = NOT_SET_UP if is_setup else NOT_CONFIRMED
        (_fail_setup if is_setup else charging.fail)(world, intent, method, decline)
        return decline
    world.store.untold[method["id"]]["is_set_up"] = True
    if not is_setup:
        return _finish(world, intent, method, is_first=True)
    _keep_for_later(world, intent, method)
    intent |= {"last_setup_error": None, "status": "succeeded"}
    world.emit("setup_intent.succeeded", intent)
    return None


def cancel(world: World, intent: Object, reason: str | None) -> None:
    """Give up an intent that has not succeeded."""
    intent |= {"cancellation_reason": reason, "next_action": None, "status": "canceled"}
    if intent["object"] == "payment_intent":
        intent["canceled_at"] = world.now()
    world.emit(f"{intent['object']}.canceled", intent)


def _ask(world: World, intent: Object, page: Object, type: str) -> None:
    action = {"type": "redirect_to_url", "redirect_to_url": page}
    intent |= {"next_action": action, "status": "requires_action"}
    world.emit(type, intent)


def _finish(world: World, intent: Object, method: Object, *, is_first: bool) -> Decline | None:
    decline = charging.take(world, intent, method, is_first=is_first)
    if decline is None and intent["setup_future_usage"]:
        _keep_for_later(world, intent, method)
    return decline


def _keep_for_later(world: World, intent: Object, method: Object) -> None:
    if intent["customer"]:
        methods.attach(world, method, world.store.get("customer", intent["customer"]))


def _fail_setup(world: World, intent: Object, method: Object, decline: Decline) -> None:
    error = charging.error_of(decline, method)
    intent |= {"last_setup_error": error, "payment_method": None, "status": "requires_payment_method"}
    world.emit("setup_intent.setup_failed", intent)


def _card(world: World, method: Object) -> Card:
    card = charging.card_of(world, method["id"])
    return card or Card("", "pays")
