"""Disputes, and the warnings that may come before them."""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from membership.gateway.values import DisputeSnapshot, FraudWarningSnapshot


class Disputes(Protocol):
    def get_dispute(self, dispute_id: str) -> DisputeSnapshot: ...
    def list_disputes(self, since: datetime, after: str | None = None) -> Iterator[DisputeSnapshot]: ...
    def get_fraud_warning(self, warning_id: str) -> FraudWarningSnapshot: ...
    def list_fraud_warnings(self, since: datetime, after: str | None = None) -> Iterator[FraudWarningSnapshot]: ...
