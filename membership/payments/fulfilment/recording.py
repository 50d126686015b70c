"""Record facts: mirrors, books and letters in the one transaction of the caller, as often as anybody likes."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from membership.clock import utc_now
from membership.donations.models import Donation
from membership.gateway.values import (
    CheckoutSnapshot,
    CheckoutStatus,
    DisputeSnapshot,
    FraudWarningSnapshot,
    PaymentSnapshot,
    RefundSnapshot,
    ReturnedDebit,
    SettlementSnapshot,
)
from membership.payments.fulfilment import bookings, letters
from membership.payments.fulfilment.checkouts import record_checkout, refusal_of
from membership.payments.fulfilment.dispute_letters import write_about_dispute
from membership.payments.fulfilment.disputes import take_dispute, take_warning
from membership.payments.fulfilment.facts import Facts
from membership.payments.fulfilment.ownership import KNOWN_SUBSCRIPTIONS, judge_stranger, lock
from membership.payments.fulfilment.payouts import take_payout
from membership.payments.fulfilment.posting import Post
from membership.payments.fulfilment.refunds import Return, give_back
from membership.payments.fulfilment.returns import find_returned, note_return, settle_in_vain, take_back
from membership.payments.fulfilment.verdicts import Judged, Outcome, Verdict
from membership.payments.models import Payment
from membership.payments.rules import ON_ITS_WAY, RETURN
from membership.subscriptions import service as subscriptions
from membership.subscriptions.models import Invoice, InvoiceStatus, Subscription

# Built once: each event asks it.
_GIFTS = select(Donation).where(Donation.stripe_payment_intent_id.in_(bindparam("payment_intents", expanding=True)))


def record(session: Session, facts: Facts, *, quiet: bool = False) -> Outcome:
    """Make our rows say what the facts say; nothing happens twice, whoever else records the same. Quiet: no letters."""
    return record_all(session, [facts], quiet=quiet)[0]


def record_all(session: Session, news: Sequence[Facts], *, quiet: bool = False) -> list[Outcome]:
    """Record several facts like record, what some of them have in common once; return what became of each."""
    facts = Facts().joined(*news)
    lock(session, facts)
    recording = _Recording(session, facts, quiet)
    verdicts = {(type(snapshot), snapshot.id): verdict for snapshot, verdict in recording.verdicts()}
    session.flush()
    if not quiet:
        recording.write_letters()
    for payment in recording.sent_back:
        note_return(session, payment)
    return [Outcome.of(one, verdicts) for one in news]


class _Recording:
    """One call of record: each step builds on what the steps before it have proven."""

    def __init__(self, session: Session, facts: Facts, quiet: bool) -> None:
        self.session, self.facts, self.quiet = session, facts, quiet
        self.bought: set[str | None] = set()
        self.subscriptions: dict[str, Subscription] = {}
        self.invoices: dict[str, Invoice] = {}
        self.invoice_paid_by: dict[str, Invoice] = {}
        self.payments = bookings.known_payments(session, facts)
        self.refunds: list[Return] = []
        self.returned: list[Payment] = []
        self.sent_back: list[Payment] = []
        self.paid_again: list[Payment | None] = []
        self.booked: set[SettlementSnapshot | None] = set()

    def verdicts(self) -> Iterator[Judged]:
        for checkout in self.facts.checkouts:
            yield checkout, self.checkout(checkout)
        yield from self.mirror_subscriptions()
        for returned in self.facts.all_returned_debits():
            yield from self.returned_debit(returned)
        yield from self.mirror_invoices()
        yield from self.take_payments()
        for refund in self.facts.refunds:
            yield refund, self.refund(refund)
        for dispute in self.facts.disputes:
            yield dispute, self.dispute(dispute)
        for warning in self.facts.fraud_warnings:
            yield warning, self.fraud_warning(warning)
        for settlement in self.facts.settlements:
            yield settlement, self.settlement(settlement)
        for payout in self.facts.payouts:
            take_payout(self.session, payout)
            yield payout, Verdict.RECORDED

    def checkout(self, snapshot: CheckoutSnapshot) -> Verdict:
        verdict = record_checkout(self.session, snapshot, self.facts)
        is_complete = verdict is Verdict.RECORDED and snapshot.status is CheckoutStatus.COMPLETE
        if is_complete and refusal_of(snapshot, self.facts) is None:
            self.bought.add(snapshot.subscription_id)
        return verdict

    def mirror_subscriptions(self) -> Iterator[Judged]:
        told = self.facts.subscriptions
        ours = self.bought | set(self.session.scalars(KNOWN_SUBSCRIPTIONS, {"subscriptions": [one.id for one in told]}))
        mine = [one for one in told if one.id in ours]
        self.subscriptions = subscriptions.sync_subscriptions(self.session, mine, quiet=self.quiet)
        for one in told:
            is_ours = one.id in self.subscriptions
            yield one, Verdict.RECORDED if is_ours else self._judge(one.id, one.reference)

    def _judge(self, object_id: str, reference: str) -> Verdict:
        return judge_stranger(self.session, object_id, reference, self.facts)

    def mirror_invoices(self) -> Iterator[Judged]:
        mine = [one for one in self.facts.invoices if one.subscription_id in self.subscriptions]
        codes = {one.id: one.decline_code for one in self.facts.payments if one.decline_code}
        declined = {one.id: code for one in mine for code in [_first(codes, one.payment_intent_ids)] if code}
        # What a bank has still to decide about was tried, and has not failed.
        waiting = {one.id for one in self.facts.payments if one.status == ON_ITS_WAY}
        debited = {one.id for one in mine if waiting.intersection(one.payment_intent_ids)}
        self.invoices = subscriptions.sync_invoices(self.session, mine, self.subscriptions, declined, debited)
        for one in mine:
            self.invoice_paid_by |= dict.fromkeys(one.payment_intent_ids, self.invoices[one.id])
        for one in self.facts.invoices:
            yield one, Verdict.RECORDED if one.id in self.invoices else Verdict.IGNORED

    def take_payments(self) -> Iterator[Judged]:
        """Take those that are new, then settle all; the others meet another end."""
        charges, others = list[bookings.Charge](), dict[str, Verdict]()
        gifts = self._gifts()
        for snapshot in self.facts.payments:
            if self._is_new(snapshot):
                judged = self._charge_of(snapshot, gifts)
                if isinstance(judged, Verdict):
                    others[snapshot.id] = judged
                else:
                    charges.append(judged)
        self.payments |= bookings.take(self.session, charges)
        self.paid_again += [self.payments[one.snapshot.id] for one in charges if one.after]
        recorded = [one for one in self.facts.payments if one.id not in others]
        bookings.settle_payments(self.session, ((self.payments[one.id], one.settlement) for one in recorded))
        self.booked |= {one.settlement for one in recorded}
        for snapshot in self.facts.payments:
            yield snapshot, others.get(snapshot.id, Verdict.RECORDED)

    def _is_new(self, snapshot: PaymentSnapshot) -> bool:
        known = self.payments.get(snapshot.id)
        return known is None or bool(snapshot.charge_id and known.stripe_charge_id != snapshot.charge_id)

    def _charge_of(self, snapshot: PaymentSnapshot, gifts: Mapping[str, Donation]) -> bookings.Charge | Verdict:
        known = self.payments.get(snapshot.id)
        if known is not None and known.returned_at is None:
            # An intent is paid once at a time: that the one before came back is still to be told.
            return Verdict.AWAITED
        purpose = self.invoice_paid_by.get(snapshot.id) or gifts.get(snapshot.id)
        if purpose is not None and snapshot.charge_id is not None and snapshot.paid_at is not None:
            return bookings.Charge(snapshot, purpose, after=known)
        verdict = Verdict.PENDING if purpose is not None else self._judge(snapshot.id, snapshot.reference)
        if verdict is Verdict.PENDING:
            self._settle_in_vain(snapshot)
        return verdict

    def returned_debit(self, snapshot: ReturnedDebit) -> Iterator[Judged]:
        """Take a payment back before its invoice is looked at: only then may that be owed again."""
        payment = find_returned(self.session, snapshot)
        if payment is not None:
            if payment.returned_at is None:
                self.sent_back.append(payment)
            take_back(self.session, payment, snapshot)
            self.returned.append(payment)
            yield snapshot, Verdict.RECORDED

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
        now, post = utc_now(), Post(self.session)
        standing = [payment for payment in self.payments.values() if payment.returned_at is None]
        paid = {payment.invoice_id: payment for payment in standing if payment.invoice_id}
        for invoice in self.invoices.values():
            if not self._is_payment_awaited(invoice, paid):
                payment = paid.get(invoice.id)
                is_again = payment in self.paid_again
                letters.write_about_invoice(post, invoice, payment, now, is_again=is_again)
        for payment in standing:
            letters.write_about_gift(post, payment, now)
        for subscription in self.subscriptions.values():
            letters.write_about_end(post, subscription, now)
        for payment in self.returned:
            letters.write_about_return(post, payment, now)
        for one in self.refunds:
            letters.write_about_refund(post, one.refund, now, is_newly_failed=one.is_newly_failed)
        post.write()

    def _is_payment_awaited(self, invoice: Invoice, paid: Container[int | None]) -> bool:
        """Whether what paid the invoice is still to be told: its letter carries the receipt, and waits for it."""
        was_charged = invoice in self.invoice_paid_by.values()
        return invoice.status is InvoiceStatus.PAID and was_charged and invoice.id not in paid

    def _gifts(self) -> dict[str, Donation]:
        asked = [one.id for one in self.facts.payments if self._is_new(one) and one.id not in self.invoice_paid_by]
        found = self.session.scalars(_GIFTS, {"payment_intents": asked}) if asked else ()
        return {gift.stripe_payment_intent_id or "": gift for gift in found}


def _first(codes: Mapping[str, str], payment_intent_ids: Iterable[str]) -> str | None:
    return next((codes[one] for one in payment_intent_ids if one in codes), None)
