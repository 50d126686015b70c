"""Payments, refunds, and what they left on the balance."""

from collections.abc import Iterator
from datetime import datetime

from membership.gateway import parameters, translation
from membership.gateway.stripe_gateway.asking import Asking, in_our_words
from membership.gateway.values import PaymentSnapshot, RefundSnapshot
from membership.money import Money

CHARGE = "latest_charge.balance_transaction"
SETTLEMENT = "balance_transaction"
BOTH_WAYS = (SETTLEMENT, "failure_balance_transaction")


class Payments(Asking):
    def get_payment(self, payment_intent_id: str) -> PaymentSnapshot:
        asked = parameters.page(*BOTH_WAYS, payment_intent=payment_intent_id)
        refunds = tuple(self.listed(self.v1.refunds.list, asked, translation.refund))
        with in_our_words():
            intent = self.v1.payment_intents.retrieve(payment_intent_id, {"expand": [CHARGE]})
            return translation.payment(intent, refunds)

    def list_payments(self, since: datetime, after: str | None = None) -> Iterator[PaymentSnapshot]:
        asked = parameters.page(CHARGE, since=since, after=after)
        return self.listed(self.v1.payment_intents.list, asked, translation.payment)

    def payment_of_charge(self, charge_id: str) -> str | None:
        with in_our_words():
            return translation.id_of(self.v1.charges.retrieve(charge_id).payment_intent)

    def invoice_of_payment(self, payment_intent_id: str) -> str | None:
        asked = parameters.page(payment={"type": "payment_intent", "payment_intent": payment_intent_id})
        with in_our_words():
            links = self.v1.invoice_payments.list(asked).data
            return translation.id_of(links[0].invoice) if links else None

    def refund(self, payment_intent_id: str, amount: Money, *, reference: str, key: str) -> RefundSnapshot:
        params = parameters.refund(payment_intent_id, amount, reference) | {"expand": list(BOTH_WAYS)}
        with in_our_words():
            return translation.refund(self.v1.refunds.create(params, {"idempotency_key": key}))

    def get_refund(self, refund_id: str) -> RefundSnapshot:
        with in_our_words():
            return translation.refund(self.v1.refunds.retrieve(refund_id, {"expand": list(BOTH_WAYS)}))

    def list_refunds(self, since: datetime, after: str | None = None) -> Iterator[RefundSnapshot]:
        asked = parameters.page(*BOTH_WAYS, since=since, after=after)
        return self.listed(self.v1.refunds.list, asked, translation.refund)
