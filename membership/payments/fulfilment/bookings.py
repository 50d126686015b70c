"""Payments and what settles them: a row of ours and a movement in the journal, both or neither."""

from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, lazyload

from membership.db import add_unless_known, count_up
from membership.donations.models import Donation, Purpose
from membership.gateway.values import PaymentSnapshot, SettlementSnapshot
from membership.ledger.models import Account, JournalKind
from membership.ledger.service import Leg, book
from membership.money import Money
from membership.payments import rules
from membership.payments.fulfilment.facts import Facts
from membership.payments.fulfilment.ownership import Verdict
from membership.payments.fulfilment.settlements import settle, settle_for_the_account
from membership.payments.fulfilment.time import give_time
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


def take(
    session: Session, snapshot: PaymentSnapshot, purpose: Invoice | Donation, *, after: Payment | None = None
) -> Payment:
    """Record a charge that succeeded, give it its receipt number and book it, unless somebody did already.

    It may come `after` another one of the same intent that was sent back.
    """
    # What it was paid for is in the session already; joining it all in again for each payment is slow.
    alone = lazyload("*")
    payment = add_unless_known(session, Payment, _row(snapshot, purpose), alone)
    if payment is None:
        known = select(Payment).filter_by(stripe_charge_id=snapshot.charge_id).options(alone)
        return session.scalars(known).one()
    with session.no_autoflush:
        payment.receipt_number = next_receipt_number(session, payment.paid_at.year)
    legs = [(Account.CLEARING, payment.gross), *_income(payment.gross, purpose)]
    cause = f"payment:{snapshot.id}" if after is None else f"payment:{snapshot.id}:{snapshot.charge_id}"
    book(session, cause, JournalKind.PAYMENT, payment.paid_at, legs)
    give_time(session, payment, purpose)
    return payment


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
    return rules.receipt_number(year, count_up(session, ReceiptCounter, {"year": year}, ReceiptCounter.last))


def settle_payment(session: Session, payment: Payment, settlement: SettlementSnapshot | None) -> None:
    """Book what really arrived, once Stripe knows it; the fee is kept only in the currency of the payment."""
    if settlement is None or payment.fee_minor is not None:
        return
    settle(session, settlement, JournalKind.SETTLEMENT, payment.gross)
    if settlement.fee.currency == payment.gross.currency:
        payment.fee_minor = settlement.fee.minor


def book_loose(session: Session, settlement: SettlementSnapshot) -> Verdict:
    """Book a balance transaction that comes without its charge, refund or dispute, if that is ours."""
    if rules.is_of_the_account(settlement.category):
        settle_for_the_account(session, settlement)
        return Verdict.RECORDED
    payment = session.scalar(select(Payment).filter_by(stripe_charge_id=settlement.source_id))
    if payment is not None and settlement.category == "charge":
        settle_payment(session, payment, settlement)
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
