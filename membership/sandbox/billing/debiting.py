"""Bank debits: announced today, decided by the payer's bank some days later.

https://docs.stripe.com/payments/sepa-debit
"""

from membership.sandbox.billing import charging, invoicing, outcomes
from membership.sandbox.cards import CARDS
from membership.sandbox.store import Object
from membership.sandbox.world import World


def decide_due(world: World, id: str) -> None:
    """Let a bank pay what was debited, or send it back."""
    intent = world.store.get("payment_intent", id)
    if intent["status"] != "processing":
        return
    method = world.store.get("payment_method", intent["payment_method"])
    decline = CARDS[world.store.untold[method["id"]]["number"]].at_last
    charge = world.store.get("charge", intent["latest_charge"])
    if decline:
        charge |= {"failure_code": decline.code, "failure_message": decline.message, "status": "failed"}
        world.emit("charge.failed", charge)
        charging.fail(world, intent, method, decline)
    else:
        charge |= {"amount_captured": charge["amount"], "captured": True, "paid": True, "status": "succeeded"}
        intent |= {"amount_received": intent["amount"], "status": "succeeded"}
        world.agenda.plan(world.now() + charging.SETTLES_AFTER, "settle_charge", charge["id"])
        world.emit("charge.succeeded", charge)
        world.emit("payment_intent.succeeded", intent)
    invoice = invoicing.invoice_of(world, intent)
    if invoice:
        _tell_invoice(world, invoice, is_paid=decline is None)
    _tell_session(world, intent, invoice, is_paid=decline is None)


def _tell_invoice(world: World, invoice: Object, *, is_paid: bool) -> None:
    if is_paid:
        invoicing.settle(world, invoice)
        outcomes.accepted(world, invoice)
    elif invoice["status"] == "open":
        outcomes.plan_retry(world, invoice)


def _tell_session(world: World, intent: Object, invoice: Object | None, *, is_paid: bool) -> None:
    for session in world.store.where("checkout.session", payment_status="unpaid", status="complete"):
        if session["payment_intent"] == intent["id"] or (invoice and session["invoice"] == invoice["id"]):
            if is_paid:
                session["payment_status"] = "paid"
            world.emit(f"checkout.session.async_payment_{'succeeded' if is_paid else 'failed'}", session)
