"""An invoice's life: draft, open an hour later, then paid, or tried again until nobody tries any more."""

from membership.sandbox.billing import charging
from membership.sandbox.cards import Decline
from membership.sandbox.objects import invoices, payments
from membership.sandbox.store import Object
from membership.sandbox.world import World

FINALISED_AFTER = 3600
DAY = 24 * 3600
RETRIES = (3 * DAY, 5 * DAY, 7 * DAY)


def draft(world: World, subscription: Object, *, reason: str, period: tuple[int, int]) -> Object:
    """Make the invoice over a subscription's current period; `period` is the one that lies behind."""
    customer = world.store.get("customer", subscription["customer"])
    invoice = world.store.add(invoices.invoice(world, subscription, customer, reason=reason, period=period))
    subscription["latest_invoice"] = invoice["id"]
    if reason == "subscription_cycle":
        invoice["automatically_finalizes_at"] = world.now() + FINALISED_AFTER
        world.agenda.plan(invoice["automatically_finalizes_at"], "finalise", invoice["id"])
    return invoice


def finalise(world: World, invoice: Object) -> None:
    """Give an invoice its number, and an intent to pay it."""
    customer = world.store.get("customer", invoice["customer"])
    is_first = invoice["billing_reason"] == "subscription_create"
    description = "Subscription creation" if is_first else "Subscription update"
    intent = payments.payment_intent(
        world, invoice["amount_due"], invoice["currency"], customer["id"], description=description
    )
    invoice |= {
        "automatically_finalizes_at": None,
        "effective_at": world.now(),
        "hosted_invoice_url": f"https://invoice.stripe.com/i/{invoice['id']}",
        "invoice_pdf": f"https://pay.stripe.com/invoice/{invoice['id']}/pdf",
        "number": f"{customer['invoice_prefix']}-{customer['next_invoice_sequence']:04}",
        "status": "open",
    }
    invoice["status_transitions"]["finalized_at"] = world.now()
    customer["next_invoice_sequence"] += 1
    world.add("payment_intent.created", intent)
    payment = world.store.add(invoices.invoice_payment(world, invoice, intent["id"]))
    world.store.untold[invoice["id"]] = {"payments": [payment["id"]]}
    world.emit("invoice.finalized", invoice)


def collect(world: World, invoice: Object, method: Object, *, is_first: bool = False) -> Decline | None:
    """Try to take what an invoice asks for, and note the try."""
    payment = payment_of(world, invoice)
    intent = world.store.get("payment_intent", payment["payment"]["payment_intent"])
    decline = charging.take(world, intent, method, is_first=is_first)
    invoice["attempt_count"] += 1
    invoice["attempted"] = True
    if decline is None:
        _settle(world, invoice, payment)
    return decline


def plan_retry(world: World, invoice: Object) -> bool:
    """Announce that an invoice failed and plan the next try; False when that was the last."""
    tries: int = invoice["attempt_count"]
    has_next = tries <= len(RETRIES)
    invoice["next_payment_attempt"] = world.now() + RETRIES[tries - 1] if has_next else None
    invoice["auto_advance"] = has_next
    if has_next:
        world.agenda.plan(invoice["next_payment_attempt"], "collect", invoice["id"])
    world.emit("invoice.payment_failed", invoice)
    return has_next


def give_up(world: World, subscription: Object) -> None:
    """Stop asking for the invoices of a subscription that ended; they stay as they are."""
    for invoice in world.store.where("invoice", customer=subscription["customer"]):
        if subscription_of(invoice) == subscription["id"] and invoice["status"] in {"draft", "open"}:
            invoice |= {"auto_advance": False, "automatically_finalizes_at": None, "next_payment_attempt": None}


def void(world: World, invoice: Object) -> None:
    """Declare that an invoice is not owed."""
    payment = payment_of(world, invoice)
    intent = world.store.get("payment_intent", payment["payment"]["payment_intent"])
    payment["status"] = "canceled"
    payment["status_transitions"]["canceled_at"] = world.now()
    intent |= {"canceled_at": world.now(), "cancellation_reason": "void_invoice", "status": "canceled"}
    invoice |= {"auto_advance": False, "next_payment_attempt": None, "status": "void"}
    invoice["status_transitions"]["voided_at"] = world.now()
    world.emit("payment_intent.canceled", intent)
    world.emit("invoice.voided", invoice)


def payment_of(world: World, invoice: Object) -> Object:
    """Return the invoice payment of a finalised invoice."""
    return world.store.get("invoice_payment", world.store.untold[invoice["id"]]["payments"][0])


def subscription_of(invoice: Object) -> str:
    """Return the id of the subscription that an invoice belongs to."""
    return str(invoice["parent"]["subscription_details"]["subscription"])


def _settle(world: World, invoice: Object, payment: Object) -> None:
    payment |= {"amount_paid": invoice["amount_due"], "status": "paid"}
    payment["status_transitions"]["paid_at"] = world.now()
    invoice |= {
        "amount_paid": invoice["amount_due"],
        "amount_remaining": 0,
        "auto_advance": False,
        "next_payment_attempt": None,
        "status": "paid",
    }
    invoice["status_transitions"]["paid_at"] = world.now()
    world.emit("invoice_payment.paid", payment)
    world.emit("invoice.paid", invoice)
    world.emit("invoice.payment_succeeded", invoice)
