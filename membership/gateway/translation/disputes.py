"""Disputes and early fraud warnings, in our own words."""

from membership.gateway.translation.fields import Expanded, id_of, moment
from membership.gateway.translation.payments import settlement
from membership.gateway.values import DisputeSnapshot, FraudWarningSnapshot
from membership.money import Money


def dispute(found: Expanded) -> DisputeSnapshot:
    """Read a dispute, which carries what it moved."""
    return DisputeSnapshot(
        id=found.id,
        charge_id=id_of(found.charge) or "",
        payment_intent_id=id_of(found.payment_intent) or "",
        amount=Money(found.amount, found.currency),
        status=found.status,
        reason=found.reason,
        settlements=tuple(settlement(one) for one in found.balance_transactions),
        created_at=moment(found.created),
    )


def fraud_warning(found: Expanded) -> FraudWarningSnapshot:
    """Read an early fraud warning."""
    return FraudWarningSnapshot(
        id=found.id,
        charge_id=id_of(found.charge) or "",
        payment_intent_id=id_of(found.payment_intent) or "",
        kind=found.fraud_type,
        is_actionable=found.actionable,
        created_at=moment(found.created),
    )
