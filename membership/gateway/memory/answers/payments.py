"""Payments, refunds, and what they left on the balance."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from membership.gateway.memory import payments
from membership.gateway.memory.answers.asking import Asking, rest_of
from membership.gateway.memory.world import second
from membership.gateway.values import ChargeSnapshot, PaymentSnapshot, RefundSnapshot
from membership.money import Money


class Payments(Asking):
    def get_payment(self, payment_intent_id: str) -> PaymentSnapshot:
        payment = self.ask("get_payment", payment_intent_id, self.world.payments)
        mine = [one for one in self.world.refunds.values() if one.payment_intent_id == payment_intent_id]
        return replace(payment, refunds=tuple(reversed(mine)))

    def list_payments(self, since: datetime, after: str | None = None) -> Iterator[PaymentSnapshot]:
        self.called("list_payments", since.isoformat())
        made = self.world.payment_times
        yield from rest_of([one for one in self.world.payments.values() if made[one.id] >= second(since)], after)

    def get_charge(self, charge_id: str) -> ChargeSnapshot:
        charges = {str(one.charge_id): ChargeSnapshot(one.id, None) for one in self.world.payments.values()}
        charges |= {one.id: ChargeSnapshot(one.payment_intent_id, one) for one in self.world.returned.values()}
        return self.ask("get_charge", charge_id, charges)

    def invoice_of_payment(self, payment_intent_id: str) -> str | None:
        self.called("invoice_of_payment", payment_intent_id)
        return next(
            (one.id for one in self.world.invoices.values() if payment_intent_id in one.payment_intent_ids), None
        )

    def refund(self, payment_intent_id: str, amount: Money, *, reference: str, key: str) -> RefundSnapshot:
        asked = (payment_intent_id, amount, reference)
        return self.once("refund", key, asked, lambda: payments.refund(self.world, *asked))

    def get_refund(self, refund_id: str) -> RefundSnapshot:
        return self.ask("get_refund", refund_id, self.world.refunds)

    def list_refunds(self, since: datetime, after: str | None = None) -> Iterator[RefundSnapshot]:
        yield from self.listed("list_refunds", self.world.refunds.values(), since, after)
