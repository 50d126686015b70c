"""What the provider holds for us, and sends to our bank."""

from collections.abc import Iterator
from datetime import datetime

from membership.gateway.memory.answers.asking import Asking
from membership.gateway.values import PayoutSnapshot, SettlementSnapshot


class Payouts(Asking):
    def list_settlements(self, since: datetime, after: str | None = None) -> Iterator[SettlementSnapshot]:
        yield from self.listed("list_settlements", self.world.settlements.values(), since, after)

    def get_payout(self, payout_id: str) -> PayoutSnapshot:
        return self.ask("get_payout", payout_id, self.world.payouts)

    def list_payouts(self, since: datetime, after: str | None = None) -> Iterator[PayoutSnapshot]:
        yield from self.listed("list_payouts", self.world.payouts.values(), since, after)

    def list_settlements_of(self, payout_id: str) -> Iterator[SettlementSnapshot]:
        self.called("list_settlements_of", payout_id)
        found = self.world.settlements.values()
        yield from reversed([one for one in found if self.world.paid_out.get(one.id) == payout_id])
