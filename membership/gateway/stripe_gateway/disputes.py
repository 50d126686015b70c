"""Disputes, and the warnings that may come before them."""

from collections.abc import Iterator
from datetime import datetime

from membership.gateway import parameters, translation
from membership.gateway.stripe_gateway.asking import Asking, in_our_words
from membership.gateway.values import DisputeSnapshot, FraudWarningSnapshot


class Disputes(Asking):
    def get_dispute(self, dispute_id: str) -> DisputeSnapshot:
        with in_our_words():
            return translation.dispute(self.v1.disputes.retrieve(dispute_id))

    def list_disputes(self, since: datetime, after: str | None = None) -> Iterator[DisputeSnapshot]:
        return self.listed(self.v1.disputes.list, parameters.page(since=since, after=after), translation.dispute)

    def get_fraud_warning(self, warning_id: str) -> FraudWarningSnapshot:
        with in_our_words():
            return translation.fraud_warning(self.v1.radar.early_fraud_warnings.retrieve(warning_id))

    def list_fraud_warnings(self, since: datetime, after: str | None = None) -> Iterator[FraudWarningSnapshot]:
        asked = parameters.page(since=since, after=after)
        return self.listed(self.v1.radar.early_fraud_warnings.list, asked, translation.fraud_warning)
