"""Payments that a bank took back, or warns that it may."""

from dataclasses import dataclass
from datetime import datetime

from membership.gateway.values.payments import SettlementSnapshot
from membership.money import Money


@dataclass(frozen=True, slots=True)
class DisputeSnapshot:
    """A dispute as it is now; `settlements` are what it took and gave back: none, one or two. An inquiry has none."""

    id: str
    charge_id: str
    payment_intent_id: str
    amount: Money
    status: str
    reason: str
    settlements: tuple[SettlementSnapshot, ...]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class FraudWarningSnapshot:
    """A card network's warning that a payment is probably fraud; actionable as long as a refund can help."""

    id: str
    charge_id: str
    payment_intent_id: str
    kind: str
    is_actionable: bool
    created_at: datetime
