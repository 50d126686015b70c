"""Money that moved."""

from dataclasses import dataclass, field
from datetime import datetime

from membership.money import Money


@dataclass(frozen=True, slots=True)
class SettlementSnapshot:
    """A balance transaction: what really arrived at Stripe; net = gross - fee, gross negative for refunds."""

    id: str
    source_id: str | None
    category: str
    gross: Money
    fee: Money
    net: Money
    created_at: datetime


@dataclass(frozen=True, slots=True)
class RefundSnapshot:
    """Money that was sent back; `failure` is what came home again when that failed."""

    id: str
    payment_intent_id: str
    amount: Money
    status: str
    reference: str
    settlement: SettlementSnapshot | None
    created_at: datetime
    failure: SettlementSnapshot | None = None


@dataclass(frozen=True, slots=True)
class ReturnedDebit:
    """A bank debit whose money was booked and then sent back: no refund and no dispute; `id` is its charge's.

    `settlement` is what had come of it, `failure` what left again.
    """

    id: str
    payment_intent_id: str
    settlement: SettlementSnapshot | None
    failure: SettlementSnapshot


@dataclass(frozen=True, slots=True)
class ChargeSnapshot:
    """One try to take the money of a payment intent."""

    payment_intent_id: str | None
    returned: ReturnedDebit | None


@dataclass(frozen=True, slots=True)
class PaymentSnapshot:
    """A payment intent and its latest charge; `settlement` is None until Stripe knows the fee.

    `returned` is set while the latest charge is a debit that came back.
    """

    id: str
    status: str
    amount: Money
    reference: str
    customer_id: str | None
    charge_id: str | None
    paid_at: datetime | None
    settlement: SettlementSnapshot | None
    refunds: tuple[RefundSnapshot, ...] = field(default=())
    decline_code: str | None = None
    returned: ReturnedDebit | None = None
