"""Payments, refunds and what settles them: a row of ours and a movement in the journal, both or neither."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session, lazyload

from membership.clock import utc_now
from membership.db import insert_unless_known
from membership.donations.models import Donation, Purpose
from membership.gateway.values import PaymentSnapshot, RefundSnapshot, SettlementSnapshot
from membership.ledger.models import Account, JournalKind
from membership.ledger.service import Leg, book
from membership.money import Money
from membership.payments import rules
from membership.payments.fulfilment.facts import Facts
from membership.payments.fulfilment.ownership import Verdict
from membership.payments.models import Payment, ReceiptCounter, Refund, RefundStatus
from membership.subscriptions.models import Invoice, Subscription


def known_payments(session: Session, facts: Facts) -> dict[str, Payment]:
    """Return the payments that these facts are about and that we have, by payment intent."""
    ids = {one.id for one in facts.payments} | {one.payment_intent_id for one in facts.refunds}
    found = select(Payment).where(Payment.stripe_payment_intent_id.in_(ids))
    rows = session.scalars(found.execution_options(populate_existing=True))
    return {payment.stripe_payment_intent_id: payment for payment in rows}


def take(session: Session, snapshot: PaymentSnapshot, purpose: Invoice | Donation) -> Payment:
    """Record a charge that succeeded, give it its receipt number and book it, unless somebody did already."""
    is_new = insert_unless_known(session, Payment, _row(snapshot, purpose)) is not None
    # What it was paid for is in the session already; joining it all in again for each payment is slow.
    found = select(Payment).filter_by(stripe_payment_intent_id=snapshot.id).options(lazyload("*"))
    payment = session.scalars(found).one()
    if is_new:
        payment.receipt_number = _next_receipt_number(session, payment.paid_at.year)
        legs = [(Account.CLEARING, payment.gross), *_income(payment.gross, purpose)]
        book(session, f"payment:{snapshot.id}", JournalKind.PAYMENT, payment.paid_at, legs)
    return payment


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
        "tier_id": given.price.tier_id if isinstance(given, Subscription) else None,
        "source": given.source,
        "gross_minor": snapshot.amount.minor,
        "gross_currency": snapshot.amount.currency,
        "refunded_minor": 0,
        "paid_at": snapshot.paid_at,
        # Its real number is counted only when the row is sure to stay, so that no number is ever lost.
        "receipt_number": snapshot.id,
    }


def _next_receipt_number(session: Session, year: int) -> str:
    insert_unless_known(session, ReceiptCounter, {"year": year, "last": 0})
    counted = update(ReceiptCounter).filter_by(year=year).values(last=ReceiptCounter.last + 1)
    return rules.receipt_number(year, session.execute(counted.returning(ReceiptCounter.last)).scalar_one())


def settle_payment(session: Session, payment: Payment, settlement: SettlementSnapshot | None) -> None:
    """Book what really arrived, once Stripe knows it; the fee is kept only in the currency of the payment."""
    if settlement is None or payment.fee_minor is not None:
        return
    _book_settlement(session, settlement, JournalKind.SETTLEMENT)
    if settlement.fee.currency == payment.gross.currency:
        payment.fee_minor = settlement.fee.minor


def give_back(session: Session, payment: Payment, snapshot: RefundSnapshot) -> Refund:
    """Record a refund as it is now; a full one takes back the period that was paid, a failed one restores it."""
    refund = _find_refund(session, payment, snapshot) or _new_refund(session, payment, snapshot)
    # Until Stripe has named a refund, its failure was our guess; what Stripe tells of it counts.
    known = RefundStatus.STARTED if refund.stripe_refund_id is None else refund.status
    refund.stripe_refund_id = snapshot.id
    refund.status = rules.refund_status(known, snapshot.status)
    session.flush()
    _sum_up(session, payment)
    _book_refund(session, refund, snapshot)
    return refund


def _find_refund(session: Session, payment: Payment, snapshot: RefundSnapshot) -> Refund | None:
    by_id = select(Refund).filter_by(stripe_refund_id=snapshot.id)
    by_reference = select(Refund).filter_by(reference=snapshot.reference, payment_id=payment.id, stripe_refund_id=None)
    return session.scalar(by_id) or session.scalar(by_reference)


def _new_refund(session: Session, payment: Payment, snapshot: RefundSnapshot) -> Refund:
    # Made in Stripe's own pages: there is no intent of ours, and its reference is nothing to rely on.
    refund = Refund(
        reference=snapshot.id,
        payment=payment,
        amount=snapshot.amount,
        status=RefundStatus.STARTED,
        created_at=snapshot.created_at,
    )
    session.add(refund)
    return refund


def _sum_up(session: Session, payment: Payment) -> None:
    sent = (Refund.payment_id == payment.id) & Refund.status.in_([RefundStatus.PENDING, RefundStatus.SUCCEEDED])
    refunds = list(session.scalars(select(Refund).where(sent)))
    payment.refunded_minor = sum(refund.amount.minor for refund in refunds)
    if payment.invoice is not None:
        is_full = payment.refunded_minor == payment.gross.minor
        payment.invoice.revoked_at = max(refund.created_at for refund in refunds) if is_full else None


def _book_refund(session: Session, refund: Refund, snapshot: RefundSnapshot) -> None:
    back = [(Account.REFUNDS, refund.amount), (Account.CLEARING, -refund.amount)]
    book(session, f"refund:{snapshot.id}", JournalKind.REFUND, snapshot.created_at, back)
    if refund.status is RefundStatus.FAILED:
        again = [(account, -amount) for account, amount in back]
        book(session, f"refund_failed:{snapshot.id}", JournalKind.REFUND, _noticed(snapshot.created_at), again)
    if snapshot.settlement is not None:
        _book_settlement(session, snapshot.settlement, JournalKind.REFUND_SETTLEMENT)


def _noticed(created_at: datetime) -> datetime:
    # Stripe does not tell when a refund failed; the books take the moment that we heard of it.
    return max(created_at, utc_now())


def book_loose(session: Session, settlement: SettlementSnapshot) -> Verdict:
    """Book a balance transaction that comes without its charge or refund, if that is ours."""
    if settlement.category in rules.PAYOUTS:
        _book_payout(session, settlement)
        return Verdict.RECORDED
    payment = session.scalar(select(Payment).filter_by(stripe_charge_id=settlement.source_id))
    if payment is not None:
        settle_payment(session, payment, settlement)
        return Verdict.RECORDED
    if session.scalar(select(Refund.id).filter_by(stripe_refund_id=settlement.source_id)) is None:
        return Verdict.IGNORED
    _book_settlement(session, settlement, JournalKind.REFUND_SETTLEMENT)
    return Verdict.RECORDED


def _book_payout(session: Session, settlement: SettlementSnapshot) -> None:
    legs = [(Account.STRIPE, settlement.net), (Account.FEES, settlement.fee), (Account.BANK, -settlement.gross)]
    cause = f"settlement:{settlement.id}"
    book(session, cause, JournalKind.OTHER, settlement.created_at, legs, settlement.id)


def _book_settlement(session: Session, settlement: SettlementSnapshot, kind: JournalKind) -> None:
    legs = [
        (Account.STRIPE, settlement.net),
        (Account.FEES, settlement.fee),
        (Account.CLEARING, -settlement.gross),
    ]
    book(session, f"settlement:{settlement.id}", kind, settlement.created_at, legs, settlement.id)
