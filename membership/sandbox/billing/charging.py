"""Taking money from a card, and the balance transaction that says seconds later what arrived."""

from membership.sandbox.cards import CARDS, Decline
from membership.sandbox.objects import payments
from membership.sandbox.store import Object
from membership.sandbox.world import World

SETTLES_AFTER = 5
WITHOUT_DECIMALS = frozenset(
    {"bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga"} | {"pyg", "rwf", "ugx", "vnd", "vuv", "xaf", "xof", "xpf"}
)


def fee_of(amount: int, currency: str) -> int:
    """Return what Stripe keeps of a payment: 1.5 % and 25 minor units, or 3.6 % where there are no minor units."""
    if currency in WITHOUT_DECIMALS:
        return (amount * 36 + 500) // 1000
    return (amount * 15 + 500) // 1000 + 25


def take(world: World, intent: Object, method: Object, *, is_first: bool) -> Decline | None:
    """Try to take the money of an intent from a card, and announce how it ended."""
    card = CARDS[world.store.untold[method["id"]]["number"]]
    decline = card.first if is_first else card.later
    charge = world.store.add(payments.charge(world, intent, method, decline))
    intent["latest_charge"] = charge["id"]
    if decline:
        world.emit("charge.failed", charge)
        fail(world, intent, method, decline)
        return decline
    intent |= {
        "amount_received": intent["amount"],
        "last_payment_error": None,
        "payment_method": method["id"],
        "status": "succeeded",
    }
    world.agenda.plan(world.now() + SETTLES_AFTER, "settle_charge", charge["id"])
    world.emit("charge.succeeded", charge)
    world.emit("payment_intent.succeeded", intent)
    return None


def fail(world: World, intent: Object, method: Object, decline: Decline) -> None:
    """Note on an intent why it did not succeed; it waits for another card."""
    error = {
        "code": decline.code,
        "doc_url": f"https://docs.stripe.com/error-codes/{decline.code.replace('_', '-')}",
        "message": decline.message,
        "payment_method": method,
        "type": "card_error",
    }
    error |= {"charge": intent["latest_charge"]} if intent["latest_charge"] else {}
    error |= {"decline_code": decline.decline_code} if decline.decline_code else {}
    intent |= {"last_payment_error": error, "payment_method": None, "status": "requires_payment_method"}
    world.emit("payment_intent.payment_failed", intent)


def settle_charge(world: World, id: str) -> None:
    """Let the fee of a charge become known."""
    charge = world.store.get("charge", id)
    fee = fee_of(charge["amount"], charge["currency"])
    transaction = _book(world, charge, amount=charge["amount"], fee=fee)
    with world.changing("charge.updated", charge):
        charge["balance_transaction"] = transaction["id"]


def settle_refund(world: World, id: str) -> None:
    """Let a refund leave the balance; the fee of its charge is not given back."""
    refund = world.store.get("refund", id)
    transaction = _book(world, refund, amount=-refund["amount"], fee=0)
    with world.changing("refund.updated", refund):
        refund["balance_transaction"] = transaction["id"]


def release(world: World, id: str) -> None:
    """Make settled money available to be paid out."""
    world.store.get("balance_transaction", id)["status"] = "available"


def refund(world: World, charge: Object, amount: int, **given: object) -> Object:
    """Give back some or all of a charge."""
    thing = world.store.add(payments.refund(world, charge, amount, **given))
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    world.agenda.plan(world.now() + SETTLES_AFTER, "settle_refund", thing["id"])
    world.emit("refund.created", thing)
    world.emit("charge.refunded", charge)
    return thing


def _book(world: World, source: Object, *, amount: int, fee: int) -> Object:
    transaction = world.store.add(payments.balance_transaction(world, source, amount=amount, fee=fee))
    world.agenda.plan(transaction["available_on"], "release", transaction["id"])
    return transaction
