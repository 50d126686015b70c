"""Taking money from a card, and the balance transaction that says seconds later what arrived."""

from membership.sandbox.billing import balance
from membership.sandbox.cards import CARDS, Card, Decline
from membership.sandbox.currencies import WITHOUT_DECIMALS
from membership.sandbox.objects import payments
from membership.sandbox.store import Object
from membership.sandbox.world import World

SETTLES_AFTER = 5
STRIKES_AFTER = 10
DECIDED_AFTER = 5 * 24 * 3600


def fee_of(amount: int, currency: str) -> int:
    """Return what Stripe keeps of a payment: 1.5 % and 25 minor units, or 3.6 % where there are no minor units."""
    if currency in WITHOUT_DECIMALS:
        return (amount * 36 + 500) // 1000
    return (amount * 15 + 500) // 1000 + 25


def take(world: World, intent: Object, method: Object, *, is_first: bool) -> Decline | None:
    """Try to take the money of an intent from a card, and announce how it ended."""
    card = CARDS[world.store.untold[method["id"]]["number"]]
    if card.is_account:
        debit(world, intent, method)
        return None
    decline = card.first if is_first else card.later
    charge = world.store.add(payments.charge(world, intent, method, decline, risk=card.risk))
    intent["latest_charge"] = charge["id"]
    if decline:
        world.emit("charge.failed", charge)
        fail(world, intent, method, decline)
        return decline
    intent |= {
        "amount_received": intent["amount"],
        "last_payment_error": None,
        "next_action": None,
        "payment_method": method["id"],
        "status": "succeeded",
    }
    world.agenda.plan(world.now() + SETTLES_AFTER, "settle_charge", charge["id"])
    if card.then:
        world.agenda.plan(world.now() + STRIKES_AFTER, card.then, charge["id"])
    world.emit("charge.succeeded", charge)
    world.emit("payment_intent.succeeded", intent)
    return None


def debit(world: World, intent: Object, method: Object) -> None:
    """Announce a debit to a bank, which decides days later."""
    charge = payments.charge(world, intent, method, None, risk="not_assessed")
    charge |= {"amount_captured": 0, "captured": False, "paid": False, "receipt_url": None, "status": "pending"}
    world.store.add(charge)
    intent |= {"last_payment_error": None, "latest_charge": charge["id"], "payment_method": method["id"]}
    intent |= {"payment_method_types": ["sepa_debit"], "status": "processing"}
    world.agenda.plan(world.now() + DECIDED_AFTER, "decide_debit", intent["id"])
    world.emit("charge.pending", charge)
    world.emit("payment_intent.processing", intent)


def fail(world: World, intent: Object, method: Object, decline: Decline) -> None:
    """Note on an intent why it did not succeed; it waits for another card."""
    error = error_of(decline, method)
    error |= {"charge": intent["latest_charge"]} if intent["latest_charge"] else {}
    intent |= {"last_payment_error": error, "next_action": None, "payment_method": None}
    intent["status"] = "requires_payment_method"
    world.emit("payment_intent.payment_failed", intent)


def error_of(decline: Decline, method: Object) -> Object:
    """Render why a bank refused, as an intent shows it."""
    error: Object = {
        "code": decline.code,
        "doc_url": f"https://docs.stripe.com/error-codes/{decline.code.replace('_', '-')}",
        "message": decline.message,
        "payment_method": method,
        "type": "card_error",
    }
    return error | ({"decline_code": decline.decline_code} if decline.decline_code else {})


def settle_charge(world: World, id: str) -> None:
    """Let the fee of a charge become known."""
    charge = world.store.get("charge", id)
    if charge["balance_transaction"] is not None:
        return
    worth = balance.worth(world, charge["amount"], charge["currency"])
    card = card_of(world, charge["payment_method"])
    transaction = balance.book(
        world,
        worth,
        "charge",
        fee=fee_of(worth.amount, worth.currency),
        is_pending=not (card and card.is_available_at_once),
        source=charge["id"],
        description=charge["description"],
        type="payment" if card and card.is_account else "charge",
    )
    with world.changing("charge.updated", charge):
        charge["balance_transaction"] = transaction["id"]


def card_of(world: World, method: str) -> Card | None:
    """Return the test card behind a payment method, if it is one."""
    return CARDS.get(world.store.untold.get(method, {}).get("number", ""))
