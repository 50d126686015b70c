"""Where Stripe and our rows disagree: pure comparison of what Stripe says with what we know."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from membership.gateway.values import (
    CheckoutSnapshot,
    CheckoutStatus,
    DisputeSnapshot,
    InvoiceSnapshot,
    PaymentSnapshot,
    PayoutSnapshot,
    RefundSnapshot,
    SettlementSnapshot,
    SubscriptionSnapshot,
)
from membership.payments.fulfilment import Facts, refusal_of
from membership.payments.models import DisputeStatus, PayoutStatus, RefundStatus
from membership.payments.rules import dispute_status, is_of_the_account, payout_status, refund_status
from membership.subscriptions.models import InvoiceStatus, SubscriptionStatus
from membership.subscriptions.rules import invoice_status, paused_until, status_of

PAID = {"completed", "paid"}
WAITING = {"started", "open"}


@dataclass(frozen=True, slots=True)
class KnownSubscription:
    status: SubscriptionStatus
    stripe_price_id: str | None
    period_starts_at: datetime
    period_ends_at: datetime
    cancel_at: datetime | None
    paused_until: datetime | None = None
    stripe_next_price_id: str | None = None
    next_price_at: datetime | None = None
    pending_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What our rows say, by Stripe's ids; wishes also by our references as long as Stripe's id is unknown to us.

    Of invoices and charges also when what paid came back.
    """

    wishes: Mapping[str, str] = field(default_factory=dict)
    subscriptions: Mapping[str, KnownSubscription] = field(default_factory=dict)
    prices: frozenset[str] = frozenset()
    invoices: Mapping[str, tuple[InvoiceStatus, datetime | None]] = field(default_factory=dict)
    payments: frozenset[str] = frozenset()
    charges: Mapping[str, datetime | None] = field(default_factory=dict)
    refunds: Mapping[str, RefundStatus] = field(default_factory=dict)
    disputes: Mapping[str, DisputeStatus] = field(default_factory=dict)
    warnings: frozenset[str] = frozenset()
    payouts: Mapping[str, tuple[PayoutStatus, bool]] = field(default_factory=dict)
    settlements: frozenset[str] = frozenset()

    def wish(self, checkout: CheckoutSnapshot) -> str | None:
        """Return how far the wish came that a checkout was opened for; None when it is not ours."""
        return self.wishes.get(checkout.id) or self.wishes.get(checkout.reference)


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that Stripe and our rows tell differently; `about` are the objects whose events would have told it."""

    object_id: str
    what: str
    about: tuple[str, ...]


def compare(facts: Facts, known: Known) -> list[Difference]:
    """List every difference, in the order in which things happened."""
    return list(_Comparison(facts, known).differences())


class _Comparison:
    """One comparison; what is ours follows from our checkouts and from what we know already."""

    def __init__(self, facts: Facts, known: Known) -> None:
        self.facts, self.known = facts, known
        paid = {one.subscription_id for one in facts.invoices if one.status == "paid"}
        bought = [one for one in facts.checkouts if self._is_bought(one, paid)]
        self.bought = {one.id for one in bought}
        self.subscriptions = {one.subscription_id for one in bought} | known.subscriptions.keys()
        self.gifts = {one.payment_intent_id: one.id for one in bought}
        self.invoice_of = {
            payment: one.id
            for one in facts.invoices
            if one.subscription_id in self.subscriptions
            for payment in one.payment_intent_ids
        }
        self.refunds = {one.id for one in facts.refunds if self._is_ours(one.payment_intent_id)} | known.refunds.keys()
        self.disputes = {one.id for one in facts.disputes if self._is_ours(one.payment_intent_id)}
        self.disputes |= known.disputes.keys()
        self.sent_back = {one.payment_intent_id: one.failure.created_at for one in facts.all_returned_debits()}
        self.came_back = {one.id for one in facts.all_returned_debits() if self._is_ours(one.payment_intent_id)}
        self.charges = (
            self.came_back | {one.charge_id for one in facts.payments if self._is_ours(one.id)} | known.charges.keys()
        )

    def differences(self) -> Iterator[Difference]:
        for checkout in self.facts.checkouts:
            yield from self.checkout(checkout)
        for subscription in self.facts.subscriptions:
            yield from self.subscription(subscription)
        for invoice in self.facts.invoices:
            yield from self.invoice(invoice)
        for payment in self.facts.payments:
            yield from self.payment(payment)
        for debit in self.facts.all_returned_debits():
            if debit.id in self.known.charges and self.known.charges[debit.id] is None:
                told_by = debit.id if debit in self.facts.returned_debits else debit.payment_intent_id
                yield Difference(told_by, "debit came back, here paid", (debit.id,))
        for refund in self.facts.refunds:
            yield from self.refund(refund)
        for dispute in self.facts.disputes:
            yield from self.dispute(dispute)
        for warning in self.facts.fraud_warnings:
            if self._is_ours(warning.payment_intent_id) and warning.id not in self.known.warnings:
                yield Difference(warning.id, "fraud warning, not here", (warning.id,))
        for settlement in self.facts.settlements:
            yield from self.settlement(settlement)
        for payout in self.facts.payouts:
            yield from self.payout(payout)

    def checkout(self, snapshot: CheckoutSnapshot) -> Iterator[Difference]:
        status = self.known.wish(snapshot)
        # A debit that came back before we heard that it was paid has failed, whatever its checkout says.
        is_over = status == "failed" and snapshot.payment_intent_id in self.sent_back
        if snapshot.id in self.bought and status not in PAID and not is_over:
            yield Difference(snapshot.id, f"checkout paid, here {status}", (snapshot.id,))
        if status in WAITING and refusal_of(snapshot, self.facts) is not None:
            yield Difference(snapshot.id, f"first debit refused, here {status}", (snapshot.id,))
        if snapshot.status is CheckoutStatus.OPEN and status == "started":
            yield Difference(snapshot.id, "checkout open, here started", (snapshot.id,))
        if snapshot.status is CheckoutStatus.EXPIRED and status in WAITING:
            yield Difference(snapshot.id, f"checkout expired, here {status}", (snapshot.id,))

    def subscription(self, snapshot: SubscriptionSnapshot) -> Iterator[Difference]:
        known = self.known.subscriptions.get(snapshot.id)
        if known is not None:
            for what in _changes(known, snapshot, self.known.prices):
                yield Difference(snapshot.id, f"subscription {what}", (snapshot.id,))
        elif snapshot.id in self.subscriptions:
            yield Difference(snapshot.id, f"subscription {snapshot.status}, not here", (snapshot.id,))

    def invoice(self, snapshot: InvoiceSnapshot) -> Iterator[Difference]:
        if snapshot.subscription_id not in self.subscriptions:
            return
        known = self.known.invoices.get(snapshot.id)
        if known is None:
            yield Difference(snapshot.id, f"invoice {snapshot.status}, not here", (snapshot.id,))
            return
        status, returned_at = known
        sent_back = (self.sent_back[one] for one in snapshot.payment_intent_ids if one in self.sent_back)
        if invoice_status(status, snapshot, returned_at or next(sent_back, None)) is not status:
            yield Difference(snapshot.id, f"invoice {snapshot.status}, here {status}", (snapshot.id,))

    def payment(self, snapshot: PaymentSnapshot) -> Iterator[Difference]:
        if snapshot.charge_id and self._is_ours(snapshot.id) and snapshot.charge_id not in self.known.charges:
            source = self.invoice_of.get(snapshot.id) or self.gifts.get(snapshot.id, "")
            yield Difference(snapshot.id, "payment succeeded, not here", (source, snapshot.charge_id))

    def refund(self, snapshot: RefundSnapshot) -> Iterator[Difference]:
        if snapshot.id not in self.refunds:
            return
        known = self.known.refunds.get(snapshot.id)
        if known is None:
            yield Difference(snapshot.id, f"refund {snapshot.status}, not here", (snapshot.id,))
        elif refund_status(known, snapshot.status) is not known:
            yield Difference(snapshot.id, f"refund {snapshot.status}, here {known}", (snapshot.id,))

    def settlement(self, snapshot: SettlementSnapshot) -> Iterator[Difference]:
        if snapshot.id not in self.known.settlements and self._is_sale_of_ours(snapshot):
            yield Difference(snapshot.id, "settled, not booked here", (snapshot.source_id or "",))

    def _is_sale_of_ours(self, snapshot: SettlementSnapshot) -> bool:
        """Whether a balance transaction is about something of ours, or about the account as a whole."""
        return is_of_the_account(snapshot.category) or snapshot.source_id in self.charges | self.refunds | self.disputes

    def dispute(self, snapshot: DisputeSnapshot) -> Iterator[Difference]:
        if snapshot.id not in self.disputes:
            return
        known = self.known.disputes.get(snapshot.id)
        if known is None:
            yield Difference(snapshot.id, f"dispute {snapshot.status}, not here", (snapshot.id,))
        elif dispute_status(known, snapshot.status) is not known:
            yield Difference(snapshot.id, f"dispute {snapshot.status}, here {known}", (snapshot.id,))

    def payout(self, snapshot: PayoutSnapshot) -> Iterator[Difference]:
        status, is_complete = self.known.payouts.get(snapshot.id, (None, False))
        if status is None or payout_status(status, snapshot.status) is not status:
            yield Difference(snapshot.id, f"payout {snapshot.status}, here {status or 'unknown'}", (snapshot.id,))
        elif snapshot.is_automatic and snapshot.is_complete and not is_complete:
            yield Difference(snapshot.id, "payout complete, its lines are not here", (snapshot.id,))

    def _is_bought(self, checkout: CheckoutSnapshot, paid: set[str | None]) -> bool:
        if self.known.wish(checkout) is None or checkout.status is not CheckoutStatus.COMPLETE:
            return False
        return checkout.is_paid or (checkout.subscription_id is not None and checkout.subscription_id in paid)

    def _is_ours(self, payment_intent_id: str) -> bool:
        return (
            payment_intent_id in self.known.payments
            or payment_intent_id in self.invoice_of
            or payment_intent_id in self.gifts
        )


def _changes(known: KnownSubscription, snapshot: SubscriptionSnapshot, prices: frozenset[str]) -> Iterator[str]:
    status = status_of(snapshot.status)
    if (known.status.is_final and not status.is_final) or snapshot.period_starts_at < known.period_starts_at:
        return
    if status is not known.status:
        yield f"{status}, here {known.status}"
    if snapshot.period_ends_at != known.period_ends_at:
        yield f"paid to {snapshot.period_ends_at:%Y-%m-%d}, here {known.period_ends_at:%Y-%m-%d}"
    if snapshot.cancel_at != known.cancel_at:
        yield "ends at another time than here"
    if snapshot.stripe_price_id != known.stripe_price_id:
        yield "has another price than here"
    if paused_until(known.paused_until, snapshot) != known.paused_until:
        yield "is paused until another time than here"
    if _following(snapshot, prices) != (known.stripe_next_price_id, known.next_price_at):
        yield "will have another price than here"
    if snapshot.pending_until != known.pending_until:
        yield "waits for another payment than here"


def _following(snapshot: SubscriptionSnapshot, prices: frozenset[str]) -> tuple[str | None, datetime | None]:
    """Return what price follows and when, as far as it is one of ours; of others the mirror keeps nothing."""
    is_ours = snapshot.next_price_id in prices
    return (snapshot.next_price_id, snapshot.next_price_at) if is_ours else (None, None)
