"""What the provider holds for us, and sends to our bank."""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from membership.gateway.values import PayoutSnapshot, SettlementSnapshot


class Payouts(Protocol):
    def list_settlements(self, since: datetime, after: str | None = None) -> Iterator[SettlementSnapshot]: ...
    def get_payout(self, payout_id: str) -> PayoutSnapshot: ...
    def list_payouts(self, since: datetime, after: str | None = None) -> Iterator[PayoutSnapshot]: ...
    def list_settlements_of(self, payout_id: str) -> Iterator[SettlementSnapshot]:
        """Yield what a payout is made of; its own balance transaction, the negative one, is not among them."""
        ...
