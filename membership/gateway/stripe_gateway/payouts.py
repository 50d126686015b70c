"""What Stripe holds for us, and sends to our bank."""

from collections.abc import Iterator
from datetime import datetime

from membership.gateway import parameters, translation
from membership.gateway.stripe_gateway.asking import Asking, in_our_words
from membership.gateway.values import PayoutSnapshot, SettlementSnapshot

BOTH_WAYS = ("balance_transaction", "failure_balance_transaction")


class Payouts(Asking):
    def list_settlements(self, since: datetime, after: str | None = None) -> Iterator[SettlementSnapshot]:
        asked = parameters.page(since=since, after=after)
        return self.listed(self.v1.balance_transactions.list, asked, translation.settlement)

    def get_payout(self, payout_id: str) -> PayoutSnapshot:
        with in_our_words():
            return translation.payout(self.v1.payouts.retrieve(payout_id, {"expand": list(BOTH_WAYS)}))

    def list_payouts(self, since: datetime, after: str | None = None) -> Iterator[PayoutSnapshot]:
        asked = parameters.page(*BOTH_WAYS, since=since, after=after)
        return self.listed(self.v1.payouts.list, asked, translation.payout)

    def list_settlements_of(self, payout_id: str) -> Iterator[SettlementSnapshot]:
        found = self.listed(
            self.v1.balance_transactions.list, parameters.page(payout=payout_id), translation.settlement
        )
        return (one for one in found if one.source_id != payout_id)
