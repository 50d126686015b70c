"""Bank debits: announced today, decided by the payer's bank some days later.

https://docs.stripe.com/payments/sepa-debit
"""

from membership.sandbox.billing import balance, charging, invoicing, outcomes, renewing
from membership.sandbox.cards import CARDS, CLOSED, NOT_DEBITED, Decline
from membership.sandbox.objects.balance import DAY
from membership.sandbox.store import Object
from membership.sandbox.world import World

SENT_BACK_AFTER = 7 * DAY
REASONS = {"insufficient_funds": NOT_DEBITED, "account_closed": CLOSED}


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
        if comes_back := CARDS[world.store.untold[method["id"]]["number"]].then:
            world.agenda.plan(world.now() + SENT_BACK_AFTER, comes_back, charge["id"])
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
    elif invoice["status"] == "open" and not outcomes.plan_retry(world, invoice):
        renewing.give_up(world, outcomes.subscription_of(world, invoice))


def _tell_session(world: World, intent: Object, invoice: Object | None, *, is_paid: bool) -> None:
    for session in world.store.where("checkout.session", payment_status="unpaid", status="complete"):
        if session["payment_intent"] == intent["id"] or (invoice and session["invoice"] == invoice["id"]):
            if is_paid:
                session["payment_status"] = "paid"
            world.emit(f"checkout.session.async_payment_{'succeeded' if is_paid else 'failed'}", session)


def send_back_due(world: World, id: str) -> None:
    """Send a debit back because its account is one that does."""
    charge = world.store.get("charge", id)
    if can_be_sent_back(charge):
        send_back(world, charge, NOT_DEBITED)


def can_be_sent_back(charge: Object) -> bool:
    """Tell whether a charge is a debit that was paid and whose money nobody has moved since."""
    is_debit = charge["payment_method_details"]["type"] == "sepa_debit"
    return bool(is_debit and charge["paid"] and not charge["disputed"] and not charge["amount_refunded"])


def send_back(world: World, charge: Object, decline: Decline) -> None:
    """Let a bank send a debit back that was paid: no refund and no dispute, the payment has failed after all."""
    if charge["balance_transaction"] is None:
        charging.settle_charge(world, charge["id"])
    worth = balance.worth(world, -charge["amount"], charge["currency"])
    description = f"Payment failure refund for {charge['id']}"
    back = balance.book(world, worth, "charge_failure", source=charge["id"], description=description)
    intent = world.store.get("payment_intent", charge["payment_intent"])
    charge |= {"failure_balance_transaction": back["id"], "failure_code": decline.code, "paid": False}
    charge |= {"failure_message": decline.message, "status": "failed"}
    intent["amount_received"] = 0
    world.emit("charge.failed", charge)
    charging.fail(world, intent, world.store.get("payment_method", charge["payment_method"]), decline)
    invoice = invoicing.invoice_of(world, intent)
    if invoice and invoice["status"] == "paid":
        _ask_again(world, invoice)


def _ask_again(world: World, invoice: Object) -> None:
    invoicing.reopen(world, invoice)
    if outcomes.subscription_of(world, invoice)["status"] in outcomes.ENDED:
        world.emit("invoice.payment_failed", invoice)
    else:
        outcomes.plan_retry(world, invoice)
