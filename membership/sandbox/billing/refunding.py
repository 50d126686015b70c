"""Giving money back: at once, after a while, not after all."""

from membership.sandbox.billing import balance, charging, disputing
from membership.sandbox.errors import ApiError
from membership.sandbox.objects import payments
from membership.sandbox.objects.balance import DAY
from membership.sandbox.store import Object
from membership.sandbox.terms import Outcome
from membership.sandbox.world import World

SETTLES_AFTER = 5
DECIDED_AFTER = DAY
STATUSES = {Outcome.PEND: "pending", Outcome.REQUIRE_ACTION: "requires_action"}
REASONS = frozenset({"expired_or_canceled_card", "lost_or_stolen_card", "unknown"})


def refund(world: World, charge: Object, amount: int, **given: object) -> Object:
    """Give back some or all of a charge."""
    outcome = _outcome(world, charge)
    thing = payments.refund(world, charge, amount, **given)
    thing["status"] = STATUSES.get(outcome, "succeeded")
    if outcome is Outcome.PEND:
        thing["pending_reason"] = "processing"
    if outcome is Outcome.REQUIRE_ACTION:
        thing |= {"instructions_email": charge["receipt_email"], "next_action": _next_action(world, charge)}
    world.store.add(thing)
    _count(charge, amount)
    if given.get("reason") == "fraudulent":
        charge["fraud_details"] = {"user_report": "fraudulent"}
    if outcome is not Outcome.REQUIRE_ACTION:
        world.agenda.plan(world.now() + SETTLES_AFTER, "settle_refund", thing["id"])
    if outcome in {Outcome.PEND, Outcome.FAIL}:
        work = "succeed_refund" if outcome is Outcome.PEND else "fail_refund"
        world.agenda.plan(world.now() + DECIDED_AFTER, work, thing["id"])
    world.emit("refund.created", thing)
    world.emit("charge.refunded", charge)
    disputing.note_refund(world, charge)
    return thing


def check_refundable(world: World, charge: Object) -> int:
    """Return how much of a charge can be given back; refuse what is disputed or given back already."""
    held = disputing.held_of(world, charge)
    left: int = charge["amount"] - charge["amount_refunded"] - held
    if held and (left <= 0 or disputing.open_of(world, charge)):
        raise ApiError(f"Charge {charge['id']} has been charged back; cannot issue a refund.", code="charge_disputed")
    if left == 0:
        raise ApiError(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    return left


def settle_due(world: World, id: str) -> None:
    """Let a refund leave the balance; the fee of its charge is not given back."""
    refund = world.store.get("refund", id)
    if refund["balance_transaction"] is None:
        _settle(world, refund)


def succeed_due(world: World, id: str) -> None:
    """Let a refund arrive that was pending."""
    refund = world.store.get("refund", id)
    if refund["status"] == "pending":
        with world.changing("refund.updated", refund):
            refund |= {"pending_reason": None, "status": "succeeded"}


def fail_due(world: World, id: str) -> None:
    """Let a refund come back that its bank could not place."""
    refund = world.store.get("refund", id)
    if refund["status"] in {"pending", "succeeded"}:
        fail(world, refund, "lost_or_stolen_card")


def fail(world: World, refund: Object, reason: str) -> None:
    """Return to the balance what a bank sent back; the charge counts it as paid again."""
    settle_due(world, refund["id"])
    amount = balance.worth(world, refund["amount"], refund["currency"])
    back = balance.book(
        world, amount, "refund_failure", source=refund["id"], description=f"Failed refund for charge ({refund['id']})"
    )
    _take_back(world, refund)
    with world.changing("refund.updated", refund):
        refund |= {"failure_balance_transaction": back["id"], "failure_reason": reason, "status": "failed"}
    world.emit("refund.failed", refund)


def cancel(world: World, refund: Object) -> None:
    """Give up a refund whose receiver has not said where to send it."""
    _take_back(world, refund)
    with world.changing("refund.updated", refund):
        refund |= {"next_action": None, "status": "canceled"}


def _settle(world: World, refund: Object) -> None:
    amount = balance.worth(world, -refund["amount"], refund["currency"])
    description = f"REFUND FOR CHARGE ({refund['charge']})"
    transaction = balance.book(world, amount, "refund", is_pending=True, source=refund["id"], description=description)
    with world.changing("refund.updated", refund):
        refund["balance_transaction"] = transaction["id"]


def _outcome(world: World, charge: Object) -> Outcome:
    card = charging.card_of(world, charge["payment_method"])
    return card.refunds if card and card.refunds else world.terms.refunds


def _next_action(world: World, charge: Object) -> Object:
    sent = {"email_sent_at": world.now(), "email_sent_to": charge["receipt_email"] or ""}
    return {"type": "display_details", "display_details": {"email_sent": sent, "expires_at": world.now() + 45 * DAY}}


def _take_back(world: World, refund: Object) -> None:
    charge = world.store.get("charge", refund["charge"])
    with world.changing("charge.updated", charge):
        _count(charge, -refund["amount"])


def _count(charge: Object, amount: int) -> None:
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
