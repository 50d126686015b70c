"""Payments that a bank takes back, at the provider."""

from dataclasses import replace

from membership.clock import utc_now
from membership.gateway.memory.payments import move
from membership.gateway.memory.world import World, find, second
from membership.gateway.values import DisputeSnapshot, FraudWarningSnapshot
from membership.money import Money

FEE = 2000


def open_dispute(world: World, payment_id: str, amount: Money | None, *, is_inquiry: bool) -> str:
    """Open a dispute over a payment or a part of it; only an inquiry leaves the money where it is."""
    payment = find(world.payments, payment_id)
    opened = DisputeSnapshot(
        id=world.new_id("dp"),
        charge_id=payment.charge_id or "",
        payment_intent_id=payment_id,
        amount=amount or payment.amount,
        status="warning_needs_response" if is_inquiry else "needs_response",
        reason="fraudulent",
        settlements=(),
        created_at=second(utc_now()),
    )
    world.disputes[opened.id] = opened
    world.tell("charge.dispute.created", opened.id)
    if not is_inquiry:
        _move(world, opened.id, "dispute", -opened.amount, FEE)
        world.tell("charge.dispute.funds_withdrawn", opened.id)
    return opened.id


def close(world: World, dispute_id: str, *, won: bool) -> None:
    """Close a dispute; a win brings the money back, the fee is kept."""
    dispute = find(world.disputes, dispute_id)
    status = "warning_closed" if dispute.status.startswith("warning") else "won" if won else "lost"
    world.disputes[dispute_id] = replace(dispute, status=status)
    if status == "won":
        _move(world, dispute_id, "dispute_reversal", dispute.amount, 0)
        world.tell("charge.dispute.funds_reinstated", dispute_id)
    world.tell("charge.dispute.closed", dispute_id)


def warn(world: World, payment_id: str, *, is_actionable: bool) -> str:
    """Warn of a payment that is probably fraud."""
    warning = FraudWarningSnapshot(
        id=world.new_id("issfr"),
        charge_id=find(world.payments, payment_id).charge_id or "",
        payment_intent_id=payment_id,
        kind="made_with_stolen_card",
        is_actionable=is_actionable,
        created_at=second(utc_now()),
    )
    world.fraud_warnings[warning.id] = warning
    world.tell("radar.early_fraud_warning.created", warning.id)
    return warning.id


def _move(world: World, dispute_id: str, category: str, gross: Money, fee: int) -> None:
    dispute = world.disputes[dispute_id]
    moved = move(world, dispute_id, category, gross, Money(fee, gross.currency))
    world.disputes[dispute_id] = replace(dispute, settlements=(*dispute.settlements, moved))
