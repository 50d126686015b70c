"""Payouts, in our own words."""

from membership.gateway.translation.fields import Expanded, moment
from membership.gateway.translation.payments import settlement_or_none
from membership.gateway.values import PayoutSnapshot
from membership.money import Money


def payout(found: Expanded) -> PayoutSnapshot:
    """Read a payout with both of its balance transactions expanded."""
    return PayoutSnapshot(
        id=found.id,
        amount=Money(found.amount, found.currency),
        status=found.status,
        arrives_at=moment(found.arrival_date),
        is_automatic=found.automatic,
        is_complete=found.reconciliation_status == "completed",
        settlement=settlement_or_none(found.balance_transaction),
        failure=settlement_or_none(found.failure_balance_transaction),
        created_at=moment(found.created),
    )
