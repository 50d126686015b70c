"""Money on its way from the provider to our bank."""

from dataclasses import dataclass
from datetime import datetime

from membership.gateway.values.payments import SettlementSnapshot
from membership.money import Money


@dataclass(frozen=True, slots=True)
class PayoutSnapshot:
    """A payout as it is now; `paid` means that it should have arrived, and may still turn into `failed`.

    `lines` are what it is made of, where they were asked for.
    """

    id: str
    amount: Money
    status: str
    arrives_at: datetime
    is_automatic: bool
    is_complete: bool
    settlement: SettlementSnapshot | None
    failure: SettlementSnapshot | None
    created_at: datetime
    lines: tuple[SettlementSnapshot, ...] = ()
