"""Payments, refunds, and what they left on the balance."""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from membership.gateway.values import ChargeSnapshot, PaymentSnapshot, RefundSnapshot
from membership.money import Money


class Payments(Protocol):
    def get_payment(self, payment_intent_id: str) -> PaymentSnapshot: ...

    def list_payments(self, since: datetime, after: str | None = None) -> Iterator[PaymentSnapshot]:
        """Yield the payment intents created since, with charge and settlement but without refunds."""
        ...

    def get_charge(self, charge_id: str) -> ChargeSnapshot: ...

    def invoice_of_payment(self, payment_intent_id: str) -> str | None:
        """Return the invoice that a payment intent paid, if any."""
        ...

    def refund(self, payment_intent_id: str, amount: Money, *, reference: str, key: str) -> RefundSnapshot: ...
    def get_refund(self, refund_id: str) -> RefundSnapshot: ...
    def list_refunds(self, since: datetime, after: str | None = None) -> Iterator[RefundSnapshot]: ...
