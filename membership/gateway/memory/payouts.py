"""What is settled goes to the bank, at the provider."""

from dataclasses import replace
from datetime import timedelta

from membership.clock import utc_now
from membership.gateway.memory.payments import move
from membership.gateway.memory.world import World, find, second
from membership.gateway.values import PayoutSnapshot, SettlementSnapshot
from membership.money import Money

TWO_DAYS = timedelta(days=2)


def pay_out(world: World) -> list[str]:
    """Send everything that has not left yet, one payout per currency with money in it."""
    waiting: dict[str, list[SettlementSnapshot]] = {}
    for one in world.settlements.values():
        if one.id not in world.paid_out and one.category != "payout":
            waiting.setdefault(one.net.currency, []).append(one)
    return [_send(world, currency, lines) for currency, lines in waiting.items()]


def _send(world: World, currency: str, lines: list[SettlementSnapshot]) -> str:
    payout_id, now = world.new_id("po"), second(utc_now())
    amount = Money(sum(one.net.minor for one in lines), currency)
    world.paid_out |= {one.id: payout_id for one in lines}
    world.payouts[payout_id] = PayoutSnapshot(
        id=payout_id,
        amount=amount,
        status="in_transit",
        arrives_at=now + TWO_DAYS,
        is_automatic=True,
        is_complete=False,
        settlement=move(world, payout_id, "payout", -amount, Money(0, currency)),
        failure=None,
        created_at=now,
    )
    world.tell("payout.created", payout_id)
    return payout_id


def arrive(world: World, payout_id: str) -> None:
    """Let a payout reach the bank."""
    world.payouts[payout_id] = replace(find(world.payouts, payout_id), status="paid", is_complete=True)
    world.tell("payout.paid", payout_id)
    world.tell("payout.reconciliation_completed", payout_id)


def fail(world: World, payout_id: str) -> None:
    """Let a payout come back, also one that was said to have arrived."""
    payout = find(world.payouts, payout_id)
    back = move(world, payout_id, "payout_reversal", payout.amount, Money(0, payout.amount.currency))
    world.payouts[payout_id] = replace(payout, status="failed", failure=back)
    world.tell("payout.failed", payout_id)
