"""What Stripe says now about something and all that hangs on it; network only, no transaction may be open."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from itertools import chain
from typing import TypeVar

from membership.gateway.protocol import PaymentGateway
from membership.gateway.values import (
    CheckoutSnapshot,
    DisputeSnapshot,
    FraudWarningSnapshot,
    InvoiceSnapshot,
    PaymentSnapshot,
    PayoutSnapshot,
    RefundSnapshot,
    ReturnedDebit,
    SettlementSnapshot,
    SubscriptionSnapshot,
)

Snapshot = TypeVar(
    "Snapshot",
    CheckoutSnapshot,
    SubscriptionSnapshot,
    InvoiceSnapshot,
    PaymentSnapshot,
    RefundSnapshot,
    ReturnedDebit,
    DisputeSnapshot,
    FraudWarningSnapshot,
    SettlementSnapshot,
    PayoutSnapshot,
)

# An object at Stripe: what it is, and its id.
Named = tuple[type, str]


@dataclass(frozen=True, slots=True)
class Facts:
    """Snapshots that belong together; each object at most once."""

    checkouts: tuple[CheckoutSnapshot, ...] = ()
    subscriptions: tuple[SubscriptionSnapshot, ...] = ()
    invoices: tuple[InvoiceSnapshot, ...] = ()
    payments: tuple[PaymentSnapshot, ...] = ()
    refunds: tuple[RefundSnapshot, ...] = ()
    returned_debits: tuple[ReturnedDebit, ...] = ()
    disputes: tuple[DisputeSnapshot, ...] = ()
    fraud_warnings: tuple[FraudWarningSnapshot, ...] = ()
    settlements: tuple[SettlementSnapshot, ...] = ()
    payouts: tuple[PayoutSnapshot, ...] = ()

    def all_returned_debits(self) -> tuple[ReturnedDebit, ...]:
        """Return the debits that came back, those that their payments tell of included."""
        told = (one.returned for one in self.payments)
        return _latest((*(one for one in told if one is not None), *self.returned_debits))

    def payment_intent_ids(self) -> set[str]:
        """Return the payments that any of these is about."""
        about = {one.payment_intent_id for one in self.refunds} | {one.payment_intent_id for one in self.disputes}
        warned_of = {one.payment_intent_id for one in self.fraud_warnings}
        came_back = {one.payment_intent_id for one in self.returned_debits}
        return {one.id for one in self.payments} | about | warned_of | came_back

    def joined(self, *later: "Facts") -> "Facts":
        """Return all; where several tell of the same object, what was asked later counts."""
        told = self, *later
        return Facts(
            **{name: _latest(chain.from_iterable(getattr(one, name) for one in told)) for name in KINDS_OF_FACTS}
        )

    def named(self) -> Iterator[Named]:
        """Yield what each of these is about, debits that their payments tell of included."""
        for name in KINDS_OF_FACTS:
            told = self.all_returned_debits() if name == "returned_debits" else getattr(self, name)
            yield from ((type(one), one.id) for one in told)


KINDS_OF_FACTS = tuple(one.name for one in fields(Facts))


def _latest(snapshots: Iterable[Snapshot]) -> tuple[Snapshot, ...]:
    return tuple({one.id: one for one in snapshots}.values())


def look_up_checkout(gateway: PaymentGateway, session_id: str) -> Facts:
    """Ask for a checkout session and what came of it."""
    checkout = gateway.get_checkout(session_id)
    facts = Facts(checkouts=(checkout,))
    if checkout.subscription_id is not None:
        invoices = tuple(gateway.list_invoices_of(checkout.subscription_id))
        facts = facts.joined(_subscription(gateway, checkout.subscription_id, invoices))
    if checkout.payment_intent_id is not None:
        facts = facts.joined(_payment(gateway, checkout.payment_intent_id))
    return facts


def look_up_subscription(gateway: PaymentGateway, subscription_id: str) -> Facts:
    """Ask for a subscription; its invoices have news of their own."""
    return Facts(subscriptions=(gateway.get_subscription(subscription_id),))


def look_up_invoice(gateway: PaymentGateway, invoice_id: str) -> Facts:
    """Ask for an invoice, its subscription and its payments."""
    invoice = gateway.get_invoice(invoice_id)
    if invoice.subscription_id is None:
        return Facts(invoices=(invoice,))
    return _subscription(gateway, invoice.subscription_id, (invoice,))


def look_up_payment(gateway: PaymentGateway, payment_intent_id: str) -> Facts:
    """Ask for a payment, its refunds, and the invoice that it paid."""
    payment = _payment(gateway, payment_intent_id)
    invoice_id = gateway.invoice_of_payment(payment_intent_id)
    return payment if invoice_id is None else look_up_invoice(gateway, invoice_id).joined(payment)


def look_up_charge(gateway: PaymentGateway, charge_id: str) -> Facts:
    """Ask for the payment that a charge belongs to, if there is one, and whether this very charge came back."""
    charge = gateway.get_charge(charge_id)
    returned = Facts(returned_debits=(charge.returned,) if charge.returned else ())
    return returned.joined(_payment_behind(gateway, charge.payment_intent_id))


def look_up_refund(gateway: PaymentGateway, refund_id: str) -> Facts:
    """Ask for a refund and the payment that it gives back."""
    refund = gateway.get_refund(refund_id)
    return Facts(refunds=(refund,)).joined(_payment_behind(gateway, refund.payment_intent_id))


def look_up_dispute(gateway: PaymentGateway, dispute_id: str) -> Facts:
    """Ask for a dispute and the payment that it is about."""
    dispute = gateway.get_dispute(dispute_id)
    return Facts(disputes=(dispute,)).joined(_payment_behind(gateway, dispute.payment_intent_id))


def look_up_fraud_warning(gateway: PaymentGateway, warning_id: str) -> Facts:
    """Ask for an early fraud warning and the payment that it is about."""
    warning = gateway.get_fraud_warning(warning_id)
    return Facts(fraud_warnings=(warning,)).joined(_payment_behind(gateway, warning.payment_intent_id))


def look_up_payout(gateway: PaymentGateway, payout_id: str) -> Facts:
    """Ask for a payout, and for its lines when Stripe has told them all."""
    payout = gateway.get_payout(payout_id)
    # Of a payout that somebody made by hand Stripe cannot say what is in it.
    if payout.is_automatic and payout.is_complete:
        payout = replace(payout, lines=tuple(gateway.list_settlements_of(payout_id)))
    return Facts(payouts=(payout,), settlements=payout.lines)


def _payment_behind(gateway: PaymentGateway, payment_intent_id: str | None) -> Facts:
    return look_up_payment(gateway, payment_intent_id) if payment_intent_id else Facts()


def _subscription(gateway: PaymentGateway, subscription_id: str, invoices: tuple[InvoiceSnapshot, ...]) -> Facts:
    facts = Facts(subscriptions=(gateway.get_subscription(subscription_id),), invoices=invoices)
    for invoice in invoices:
        for payment_intent_id in invoice.payment_intent_ids:
            facts = facts.joined(_payment(gateway, payment_intent_id))
    return facts


def _payment(gateway: PaymentGateway, payment_intent_id: str) -> Facts:
    payment = gateway.get_payment(payment_intent_id)
    return Facts(payments=(payment,), refunds=payment.refunds)
