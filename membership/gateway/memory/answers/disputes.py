"""Disputes, and the warnings that may come before them."""

from collections.abc import Iterator
from datetime import datetime

from membership.gateway.memory.answers.asking import Asking
from membership.gateway.values import DisputeSnapshot, FraudWarningSnapshot


class Disputes(Asking):
    def get_dispute(self, dispute_id: str) -> DisputeSnapshot:
        return self.ask("get_dispute", dispute_id, self.world.disputes)

    def list_disputes(self, since: datetime, after: str | None = None) -> Iterator[DisputeSnapshot]:
        yield from self.listed("list_disputes", self.world.disputes.values(), since, after)

    def get_fraud_warning(self, warning_id: str) -> FraudWarningSnapshot:
        return self.ask("get_fraud_warning", warning_id, self.world.fraud_warnings)

    def list_fraud_warnings(self, since: datetime, after: str | None = None) -> Iterator[FraudWarningSnapshot]:
        yield from self.listed("list_fraud_warnings", self.world.fraud_warnings.values(), since, after)
