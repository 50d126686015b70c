"""Payments, refunds, and what they left on the balance."""

from collections.abc import Iterator
from datetime import datetime

from membership.gateway import parameters, translation
from membership.gateway.stripe_gateway.asking import Asking, in_our_words, listed
from membership.gateway.values import PaymentSnapshot, RefundSnapshot, SettlementSnapshot
from membership.money import Money

CHARGE = "latest_charge.balance_transaction"
SETTLEMENT = "balance_transaction"


class Payments(Asking):
    def get_payment(self, payment_intent_id: str) -> PaymentSnapshot:
        asked = parameters.page(SETTLEMENT, payment_intent=payment_intent_id)
        refunds = tuple(listed(self.v1.refunds.list, asked, translation.refund))
        with in_our_words():
            intent = self.v1.payment_intents.retrieve(payment_intent_id, {"expand": [CHARGE]})
            return translation.payment(intent, refunds)

    def list_payments(self, since: datetime) -> Iterator[PaymentSnapshot]:
        return listed(self.v1.payment_intents.list, parameters.page(CHARGE, since=since), translation.payment)

    def payment_of_charge(self, charge_id: str) -> str | None:
        with in_our_words():
            return translation.id_of(self.v1.charges.retrieve(charge_id).payment_intent)

    def invoice_of_payment(self, payment_intent_id: str) -> str | None:
        asked = parameters.page(payment={"type": "payment_intent", "payment_intent": payment_intent_id})
        with in_our_words():
            links = self.v1.invoice_payments.list(asked).data
            return translation.id_of(links[0].invoice) if links else None

    def refund(self, payment_intent_id: str, amount: Money, *, reference: str, key: str) -> RefundSnapshot:
        params = parameters.refund(payment_intent_id, amount, reference) | {"expand": [SETTLEMENT]}
        with in_our_words():
            return translation.refund(self.v1.refunds.create(params, {"idempotency_key": key}))

    def get_refund(self, refund_id: str) -> RefundSnapshot:
        with in_our_words():
            return translation.refund(self.v1.refunds.retrieve(refund_id, {"expand": [SETTLEMENT]}))

    def list_refunds(self, since: datetime) -> Iterator[RefundSnapshot]:
        return listed(self.v1.refunds.list, parameters.page(SETTLEMENT, since=since), translation.refund)

    def list_settlements(self, since: datetime) -> Iterator[SettlementSnapshot]:
        return listed(self.v1.balance_transactions.list, parameters.page(since=since), translation.settlement)
