"""Record facts: mirrors, books and letters in the one transaction of the caller, as often as anybody likes."""

from collections import Counter
from collections.abc import Container, Iterator
from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from membership.clock import utc_now
from membership.donations.models import Donation
from membership.gateway.values import (
    CheckoutSnapshot,
    CheckoutStatus,
    DisputeSnapshot,
    FraudWarningSnapshot,
    InvoiceSnapshot,
    PaymentSnapshot,
    RefundSnapshot,
    ReturnedDebit,
    SettlementSnapshot,
    SubscriptionSnapshot,
)
from membership.payments.fulfilment import bookings, letters
from membership.payments.fulfilment.checkouts import record_checkout, refusal_of
from membership.payments.fulfilment.dispute_letters import write_about_dispute
from membership.payments.fulfilment.disputes import take_dispute, take_warning
from membership.payments.fulfilment.facts import Facts
from membership.payments.fulfilment.ownership import Verdict, judge_stranger, lock
from membership.payments.fulfilment.payouts import take_payout
from membership.payments.fulfilment.refunds import give_back
from membership.payments.fulfilment.returns import find_returned, note_return, settle_in_vain, take_back
from membership.payments.models import Payment, Refund
from membership.payments.rules import RETURN
from membership.subscriptions import service as subscriptions
from membership.subscriptions.models import Invoice, InvoiceStatus, Subscription

# Built once: each event asks these.
_SUBSCRIPTION = select(Subscription.id).where(Subscription.stripe_subscription_id == bindparam("subscription"))
_GIFT = select(Donation).where(Donation.stripe_payment_intent_id == bindparam("payment_intent"))


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many snapshots met which end."""

    recorded: int = 0
    pending: int = 0
    awaited: int = 0
    ignored: int = 0


def record(session: Session, facts: Facts, *, quiet: bool = False) -> Outcome:
    """Make our rows say what the facts say; nothing happens twice, whoever else records the same. Quiet: no letters."""
    lock(session, facts)
    recording = _Recording(session, facts, quiet)
    verdicts = Counter(recording.verdicts())
    session.flush()
    if not quiet:
        recording.write_letters()
    for payment in recording.sent_back:
        note_return(session, payment)
    return Outcome(**{verdict.value: verdicts[verdict] for verdict in Verdict})


class _Recording:
    """One call of record: each step builds on what the steps before it have proven."""

    def __init__(self, session: Session, facts: Facts, quiet: bool) -> None:
        self.session, self.facts, self.quiet = session, facts, quiet
        self.bought: set[str | None] = set()
        self.subscriptions: dict[str, Subscription] = {}
        self.invoices: list[Invoice] = []
        self.invoice_paid_by: dict[str, Invoice] = {}
        self.payments = bookings.known_payments(session, facts)
        self.refunds: list[Refund] = []
        self.returned: list[Payment] = []
        self.sent_back: list[Payment] = []
        self.paid_again: list[Payment | None] = []
        self.booked: set[SettlementSnapshot | None] = set()

    def verdicts(self) -> Iterator[Verdict]:
        for checkout in self.facts.checkouts:
            yield self.checkout(checkout)
        for subscription in self.facts.subscriptions:
            yield self.subscription(subscription)
        for returned in self.facts.all_returned_debits():
            yield from self.returned_debit(returned)
        for invoice in self.facts.invoices:
            yield self.invoice(invoice)
        for payment in self.facts.payments:
            yield self.payment(payment)
        for refund in self.facts.refunds:
            yield self.refund(refund)
        for dispute in self.facts.disputes:
            yield self.dispute(dispute)
        for warning in self.facts.fraud_warnings:
            yield self.fraud_warning(warning)
        for settlement in self.facts.settlements:
            yield self.settlement(settlement)
        for payout in self.facts.payouts:
            take_payout(self.session, payout)
            yield Verdict.RECORDED

    def checkout(self, snapshot: CheckoutSnapshot) -> Verdict:
        verdict = record_checkout(self.session, snapshot, self.facts)
        is_complete = verdict is Verdict.RECORDED and snapshot.status is CheckoutStatus.COMPLETE
        if is_complete and refusal_of(snapshot, self.facts) is None:
            self.bought.add(snapshot.subscription_id)
        return verdict

    def subscription(self, snapshot: SubscriptionSnapshot) -> Verdict:
        ours = {"subscription": snapshot.id}
        if snapshot.id not in self.bought and self.session.scalar(_SUBSCRIPTION, ours) is None:
            return judge_stranger(self.session, snapshot.id, snapshot.reference, self.facts)
        found = subscriptions.sync_subscription(self.session, snapshot, quiet=self.quiet)
        self.subscriptions[snapshot.id] = found
        return Verdict.RECORDED

    def invoice(self, snapshot: InvoiceSnapshot) -> Verdict:
        mirrored = self.subscriptions.get(snapshot.subscription_id or "")
        if mirrored is None:
            return Verdict.IGNORED
        invoice = subscriptions.sync_invoice(self.session, snapshot, self._decline_code(snapshot), locked=mirrored)
        self.invoices.append(invoice)
        self.invoice_paid_by |= dict.fromkeys(snapshot.payment_intent_ids, invoice)
        return Verdict.RECORDED

    def _decline_code(self, snapshot: InvoiceSnapshot) -> str | None:
        mine = [one for one in self.facts.payments if one.id in snapshot.payment_intent_ids]
        return next((one.decline_code for one in mine if one.decline_code), None)

    def payment(self, snapshot: PaymentSnapshot) -> Verdict:
        known = self.payments.get(snapshot.id)
        if known is None or (snapshot.charge_id and known.stripe_charge_id != snapshot.charge_id):
            verdict = self._new_payment(snapshot, known)
            if verdict is not Verdict.RECORDED:
                return verdict
        bookings.settle_payment(self.session, self.payments[snapshot.id], snapshot.settlement)
        self.booked.add(snapshot.settlement)
        return Verdict.RECORDED

    def _new_payment(self, snapshot: PaymentSnapshot, known: Payment | None) -> Verdict:
        if known is not None and known.returned_at is None:
            # An intent is paid once at a time: that the one before came back is still to be told.
            return Verdict.AWAITED
        purpose = self.invoice_paid_by.get(snapshot.id) or self._gift(snapshot)
        if purpose is None:
            verdict = judge_stranger(self.session, snapshot.id, snapshot.reference, self.facts)
        elif snapshot.charge_id is None or snapshot.paid_at is None:
            verdict = Verdict.PENDING
        else:
            self.payments[snapshot.id] = bookings.take(self.session, snapshot, purpose, after=known)
            self.paid_again += [self.payments[snapshot.id]] if known else []
            return Verdict.RECORDED
        if verdict is Verdict.PENDING:
            self._settle_in_vain(snapshot)
        return verdict

    def returned_debit(self, snapshot: ReturnedDebit) -> Iterator[Verdict]:
        """Take a payment back before its invoice is looked at: only then may that be owed again."""
        payment = find_returned(self.session, snapshot)
        if payment is not None:
            if payment.returned_at is None:
                self.sent_back.append(payment)
            take_back(self.session, payment, snapshot)
            self.returned.append(payment)
            yield Verdict.RECORDED

    def _settle_in_vain(self, snapshot: PaymentSnapshot) -> None:
        """Book both ways what came and went before we ever heard of a payment of ours."""
        if snapshot.returned is not None and find_returned(self.session, snapshot.returned) is None:
            settle_in_vain(self.session, snapshot.returned, snapshot.amount)

    def refund(self, snapshot: RefundSnapshot) -> Verdict:
        payment = self.payments.get(snapshot.payment_intent_id)
        if payment is None:
            return Verdict.IGNORED
        self.refunds.append(give_back(self.session, payment, snapshot))
        return Verdict.RECORDED

    def dispute(self, snapshot: DisputeSnapshot) -> Verdict:
        payment = self.payments.get(snapshot.payment_intent_id)
        if payment is None:
            return Verdict.IGNORED
        dispute = take_dispute(self.session, payment, snapshot)
        if not self.quiet:
            write_about_dispute(self.session, dispute, utc_now())
        return Verdict.RECORDED

    def fraud_warning(self, snapshot: FraudWarningSnapshot) -> Verdict:
        payment = self.payments.get(snapshot.payment_intent_id)
        if payment is None:
            return Verdict.IGNORED
        take_warning(self.session, payment, snapshot)
        return Verdict.RECORDED

    def settlement(self, snapshot: SettlementSnapshot) -> Verdict:
        if snapshot in self.booked:
            return Verdict.RECORDED
        if snapshot.category == RETURN:
            told = ReturnedDebit(snapshot.source_id or "", "", None, snapshot)
            if any(self.returned_debit(told)):
                return Verdict.RECORDED
        return bookings.book_loose(self.session, snapshot)

    def write_letters(self) -> None:
        now = utc_now()
        standing = [payment for payment in self.payments.values() if payment.returned_at is None]
        paid = {payment.invoice_id: payment for payment in standing if payment.invoice_id}
        for invoice in self.invoices:
            if not self._is_payment_awaited(invoice, paid):
                payment = paid.get(invoice.id)
                is_again = payment in self.paid_again
                letters.write_about_invoice(self.session, invoice, payment, now, is_again=is_again)
        for payment in standing:
            letters.write_about_gift(self.session, payment, now)
        for subscription in self.subscriptions.values():
            letters.write_about_end(self.session, subscription, now)
        for payment in self.returned:
            letters.write_about_return(self.session, payment, now)
        for refund in self.refunds:
            letters.write_about_refund(self.session, refund, now)

    def _is_payment_awaited(self, invoice: Invoice, paid: Container[int | None]) -> bool:
        """Whether what paid the invoice is still to be told: its letter carries the receipt, and waits for it."""
        was_charged = invoice in self.invoice_paid_by.values()
        return invoice.status is InvoiceStatus.PAID and was_charged and invoice.id not in paid

    def _gift(self, snapshot: PaymentSnapshot) -> Donation | None:
        return self.session.scalar(_GIFT, {"payment_intent": snapshot.id})
