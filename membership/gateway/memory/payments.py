"""Payments at the provider: intended, charged, settled when the fee is known, refunded."""

from dataclasses import replace
from datetime import datetime

from membership.clock import utc_now
from membership.gateway.errors import GatewayRefused
from membership.gateway.memory.rules import fee_of
from membership.gateway.memory.world import World, find, second
from membership.gateway.values import PaymentSnapshot, RefundSnapshot, ReturnedDebit, SettlementSnapshot
from membership.money import Money


def intend(world: World, amount: Money, reference: str, customer_id: str | None) -> str:
    """Write down a payment that has not succeeded yet."""
    payment_id = world.new_id("pi")
    world.payment_times[payment_id] = second(utc_now())
    world.payments[payment_id] = PaymentSnapshot(
        id=payment_id,
        status="requires_payment_method",
        amount=amount,
        reference=reference,
        customer_id=customer_id,
        charge_id=None,
        paid_at=None,
        settlement=None,
    )
    return payment_id


def charge(world: World, payment_id: str, at: datetime) -> None:
    """Let a payment succeed."""
    paid = replace(world.payments[payment_id], status="succeeded", charge_id=world.new_id("ch"), paid_at=second(at))
    world.payments[payment_id] = replace(paid, returned=None, decline_code=None)


def send_back(world: World, payment_id: str) -> None:
    """Let a bank send back what was paid: what came is booked out again, and the payment has failed after all."""
    settle(world)
    payment = find(world.payments, payment_id)
    gone = move(world, payment.charge_id or "", "charge_failure", -payment.amount, Money(0, payment.amount.currency))
    back = ReturnedDebit(payment.charge_id or "", payment_id, payment.settlement, gone)
    world.returned[back.id] = back
    failed = replace(payment, charge_id=None, paid_at=None, settlement=None, returned=back)
    world.payments[payment_id] = replace(failed, status="requires_payment_method", decline_code="insufficient_funds")
    world.tell("charge.failed", back.id)


def set_status(world: World, payment_id: str, status: str) -> None:
    """Let a payment wait: `processing` or `requires_payment_method`."""
    world.payments[payment_id] = replace(world.payments[payment_id], status=status)


def settle(world: World) -> None:
    """Let the fees of everything that moved become known."""
    for payment in world.payments.values():
        if payment.charge_id and payment.settlement is None:
            known = move(world, payment.charge_id, "charge", payment.amount, fee_of(payment.amount))
            world.payments[payment.id] = replace(payment, settlement=known)
            world.tell("charge.updated", payment.charge_id)
    for refund in world.refunds.values():
        if refund.settlement is None:
            known = move(world, refund.id, "refund", -refund.amount, Money(0, refund.amount.currency))
            world.refunds[refund.id] = replace(refund, settlement=known)
            world.tell("refund.updated", refund.id)


def refund(world: World, payment_id: str, amount: Money, reference: str) -> RefundSnapshot:
    """Send money back, never more than came in."""
    payment = find(world.payments, payment_id)
    mine = [one for one in world.refunds.values() if one.payment_intent_id == payment_id]
    back = sum(one.amount.minor for one in mine if one.status != "failed")
    if payment.charge_id is None or not 0 < amount.minor <= payment.amount.minor - back:
        raise GatewayRefused
    made = RefundSnapshot(
        id=world.new_id("re"),
        payment_intent_id=payment_id,
        amount=amount,
        status="succeeded",
        reference=reference,
        settlement=None,
        created_at=second(utc_now()),
    )
    world.refunds[made.id] = made
    world.tell("refund.created", made.id)
    world.tell("charge.refunded", payment.charge_id)
    return made


def fail_refund(world: World, refund_id: str) -> None:
    """Let a refund fail after all; the money comes home."""
    back = find(world.refunds, refund_id)
    home = move(world, refund_id, "refund_failure", back.amount, Money(0, back.amount.currency))
    world.refunds[refund_id] = replace(back, status="failed", failure=home)
    world.tell("refund.failed", refund_id)


def move(world: World, source_id: str, category: str, gross: Money, fee: Money) -> SettlementSnapshot:
    """Write a balance transaction down."""
    made = SettlementSnapshot(
        id=world.new_id("txn"),
        source_id=source_id,
        category=category,
        gross=gross,
        fee=fee,
        net=gross - fee,
        created_at=second(utc_now()),
    )
    world.settlements[made.id] = made
    return made
