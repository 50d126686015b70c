"""Payments, refunds, and what they left on the balance."""

from collections.abc import Iterator
from datetime import datetime

from membership.gateway import parameters, translation
from membership.gateway.stripe_gateway.asking import Asking, in_our_words
from membership.gateway.values import ChargeSnapshot, PaymentSnapshot, RefundSnapshot
from membership.money import Money

BOTH_WAYS = ("balance_transaction", "failure_balance_transaction")
OF_CHARGE = tuple(f"latest_charge.{one}" for one in BOTH_WAYS)


class Payments(Asking):
    def get_payment(self, payment_intent_id: str) -> PaymentSnapshot:
        asked = parameters.page(*BOTH_WAYS, payment_intent=payment_intent_id)
        refunds = tuple(self.listed(self.v1.refunds.list, asked, translation.refund))
        with in_our_words():
            intent = self.v1.payment_intents.retrieve(payment_intent_id, {"expand": list(OF_CHARGE)})
            return translation.payment(intent, refunds)

    def list_payments(self, since: datetime, after: str | None = None) -> Iterator[PaymentSnapshot]:
        asked = parameters.page(*OF_CHARGE, since=since, after=after)
        return self.listed(self.v1.payment_intents.list, asked, translation.payment)

    def get_charge(self, charge_id: str) -> ChargeSnapshot:
        with in_our_words():
            return translation.charge(self.v1.charges.retrieve(charge_id, {"expand": list(BOTH_WAYS)}))

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
