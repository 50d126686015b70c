"""Payments and what settles them: a row of ours and a movement in the journal, both or neither."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, lazyload

from membership.donations.models import Donation, Purpose
from membership.gateway.values import PaymentSnapshot, SettlementSnapshot
from membership.inserts import add_all_unless_known, count_up
from membership.ledger.models import Account, JournalKind
from membership.ledger.service import Leg, Movement, book, book_all
from membership.money import Money
from membership.payments import rules
from membership.payments.fulfilment.facts import Facts
from membership.payments.fulfilment.settlements import Settling, settle, settle_all, settle_for_the_account
from membership.payments.fulfilment.time import give_time
from membership.payments.fulfilment.verdicts import Verdict
from membership.payments.models import Dispute, Payment, ReceiptCounter, Refund
from membership.subscriptions.models import Invoice

# Built once: each event asks these. Most news is of payments that we do not have, and what hangs on one is much.
_SOLD = Payment.stripe_payment_intent_id.in_(bindparam("payment_intents", expanding=True))
_ANY_KNOWN = select(Payment.id).where(_SOLD).limit(1)
_KNOWN = select(Payment).where(_SOLD).order_by(Payment.id).execution_options(populate_existing=True)


def known_payments(session: Session, facts: Facts) -> dict[str, Payment]:
    """Return the latest payments that these facts are about and that we have, by payment intent."""
    about = {"payment_intents": list(facts.payment_intent_ids())}
    if session.scalar(_ANY_KNOWN, about) is None:
        return {}
    return {payment.stripe_payment_intent_id or "": payment for payment in session.scalars(_KNOWN, about)}


@dataclass(frozen=True, slots=True)
class Charge:
    """A charge that succeeded, and what it paid for; it may come `after` another of its intent that was sent back."""

    snapshot: PaymentSnapshot
    purpose: Invoice | Donation
    after: Payment | None = None

    def movement(self, payment: Payment) -> Movement:
        told = self.snapshot
        cause = f"payment:{told.id}" if self.after is None else f"payment:{told.id}:{told.charge_id}"
        legs = [(Account.CLEARING, payment.gross), *_income(payment.gross, self.purpose)]
        return Movement(cause, JournalKind.PAYMENT, payment.paid_at, legs)


def take(session: Session, charges: Sequence[Charge]) -> dict[str, Payment]:
    """Record charges, give each its receipt number and book it, unless somebody did already; return all by intent."""
    # What they were paid for is in the session already; joining it all in again for each payment is slow.
    alone = lazyload("*")
    rows = [_row(one.snapshot, one.purpose) for one in charges]
    new = {payment.stripe_charge_id: payment for payment in add_all_unless_known(session, Payment, rows, alone)}
    taken = [(one, new[one.snapshot.charge_id]) for one in charges if one.snapshot.charge_id in new]
    with session.no_autoflush:
        _number(session, [payment for _, payment in taken])
    book_all(session, [one.movement(payment) for one, payment in taken])
    for one, payment in taken:
        give_time(session, payment, one.purpose)
    others = [one.snapshot.charge_id for one in charges if one.snapshot.charge_id not in new]
    if others:
        known = select(Payment).where(Payment.stripe_charge_id.in_(others)).options(alone)
        new |= {payment.stripe_charge_id: payment for payment in session.scalars(known)}
    return {one.snapshot.id: new[one.snapshot.charge_id] for one in charges}


def _number(session: Session, payments: Sequence[Payment]) -> None:
    for year in sorted({payment.paid_at.year for payment in payments}):
        mine = [payment for payment in payments if payment.paid_at.year == year]
        for payment, number in zip(mine, _next_numbers(session, year, len(mine)), strict=True):
            payment.receipt_number = number


def book_as_gift(session: Session, payment: Payment, now: datetime) -> None:
    """Take back that a payment was income of a subscription, and book it as a gift that was given once; once."""
    legs = [(Account.SUBSCRIPTION_INCOME, payment.gross), (Account.DONATION_INCOME, -payment.gross)]
    book(session, f"once:{payment.stripe_payment_intent_id}", JournalKind.REVERSAL, now, legs)


def _income(gross: Money, purpose: Invoice | Donation) -> list[Leg]:
    """Return what a payment is booked as; what covers the fees is no gift."""
    if isinstance(purpose, Invoice):
        return [(Account.SUBSCRIPTION_INCOME, -gross)]
    income = Account.DONATION_INCOME if purpose.purpose is Purpose.DONATION else Account.GIFT_INCOME
    return [(income, purpose.cover - gross), (Account.COVERED_FEES, -purpose.cover)]


def _row(snapshot: PaymentSnapshot, purpose: Invoice | Donation) -> dict[str, object]:
    given = purpose.subscription if isinstance(purpose, Invoice) else purpose
    return {
        "stripe_payment_intent_id": snapshot.id,
        "stripe_charge_id": snapshot.charge_id,
        "donation_id": purpose.id if isinstance(purpose, Donation) else None,
        "invoice_id": purpose.id if isinstance(purpose, Invoice) else None,
        "patron_id": given.patron_id,
        "tier_id": purpose.asked.tier_id if isinstance(purpose, Invoice) else None,
        "source": given.source,
        "gross_minor": snapshot.amount.minor,
        "gross_currency": snapshot.amount.currency,
        "refunded_minor": 0,
        "paid_at": snapshot.paid_at,
        # Its real number is counted only when the row is sure to stay, so that no number is ever lost.
        "receipt_number": snapshot.id,
    }


def next_receipt_number(session: Session, year: int) -> str:
    """Count a receipt of a year, in the transaction that records its payment, so that no number is lost."""
    return next(_next_numbers(session, year, 1))


def _next_numbers(session: Session, year: int, count: int) -> Iterator[str]:
    last = count_up(session, ReceiptCounter, {"year": year}, ReceiptCounter.last, by=count)
    return (rules.receipt_number(year, number) for number in range(last - count + 1, last + 1))


def settle_payments(session: Session, settled: Iterable[tuple[Payment, SettlementSnapshot | None]]) -> None:
    """Book what really arrived, once Stripe knows it; the fee is kept only in the currency of the payment."""
    new = [(payment, told) for payment, told in settled if told is not None and payment.fee_minor is None]
    settle_all(session, [Settling.of_sale(told, JournalKind.SETTLEMENT, payment.gross) for payment, told in new])
    for payment, told in new:
        if told.fee.currency == payment.gross.currency:
            payment.fee_minor = told.fee.minor


def book_loose(session: Session, settlement: SettlementSnapshot) -> Verdict:
    """Book a balance transaction that comes without its charge, refund or dispute, if that is ours."""
    if rules.is_of_the_account(settlement.category):
        settle_for_the_account(session, settlement)
        return Verdict.RECORDED
    payment = session.scalar(select(Payment).filter_by(stripe_charge_id=settlement.source_id))
    if payment is not None and settlement.category == "charge":
        settle_payments(session, [(payment, settlement)])
        return Verdict.RECORDED
    refund = session.scalar(select(Refund).filter_by(stripe_refund_id=settlement.source_id))
    if refund is not None:
        settle(session, settlement, JournalKind.REFUND_SETTLEMENT, refund.amount)
        return Verdict.RECORDED
    dispute = session.scalar(select(Dispute).filter_by(stripe_dispute_id=settlement.source_id))
    if dispute is not None:
        settle(session, settlement, JournalKind.DISPUTE, dispute.amount)
        return Verdict.RECORDED
    return Verdict.IGNORED
