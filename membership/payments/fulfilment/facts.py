"""What Stripe says now about something and all that hangs on it; network only, no transaction may be open."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import TypeVar

from membership.gateway.protocol import PaymentGateway
from membership.gateway.values import (
    CheckoutSnapshot,
    InvoiceSnapshot,
    PaymentSnapshot,
    RefundSnapshot,
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
    SettlementSnapshot,
)


@dataclass(frozen=True, slots=True)
class Facts:
    """Snapshots that belong together; each object at most once."""

    checkouts: tuple[CheckoutSnapshot, ...] = ()
    subscriptions: tuple[SubscriptionSnapshot, ...] = ()
    invoices: tuple[InvoiceSnapshot, ...] = ()
    payments: tuple[PaymentSnapshot, ...] = ()
    refunds: tuple[RefundSnapshot, ...] = ()
    settlements: tuple[SettlementSnapshot, ...] = ()

    def joined(self, later: "Facts") -> "Facts":
        """Return both; where both tell of the same object, what was asked later counts."""
        return Facts(
            **{one.name: _latest((*getattr(self, one.name), *getattr(later, one.name))) for one in fields(self)}
        )


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
    """Ask for the payment that a charge belongs to, if there is one."""
    payment_intent_id = gateway.payment_of_charge(charge_id)
    return Facts() if payment_intent_id is None else look_up_payment(gateway, payment_intent_id)


def look_up_refund(gateway: PaymentGateway, refund_id: str) -> Facts:
    """Ask for a refund and the payment that it gives back."""
    refund = gateway.get_refund(refund_id)
    if not refund.payment_intent_id:
        return Facts(refunds=(refund,))
    return Facts(refunds=(refund,)).joined(look_up_payment(gateway, refund.payment_intent_id))


def _subscription(gateway: PaymentGateway, subscription_id: str, invoices: tuple[InvoiceSnapshot, ...]) -> Facts:
    facts = Facts(subscriptions=(gateway.get_subscription(subscription_id),), invoices=invoices)
    for invoice in invoices:
        for payment_intent_id in invoice.payment_intent_ids:
            facts = facts.joined(_payment(gateway, payment_intent_id))
    return facts


def _payment(gateway: PaymentGateway, payment_intent_id: str) -> Facts:
    payment = gateway.get_payment(payment_intent_id)
    return Facts(payments=(payment,), refunds=payment.refunds)
