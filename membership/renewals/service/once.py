"""Whoever did not mean to give every month: her gift becomes a single one, and a second payment comes back."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from membership.payments import service as payments
from membership.payments.errors import NothingToRefund
from membership.payments.fulfilment.bookings import book_as_gift
from membership.payments.models import Payment
from membership.payments.service import RefundPlan
from membership.subscriptions import service as subscriptions
from membership.subscriptions.errors import NotOnce
from membership.subscriptions.models import Invoice, LetterLink, StopReason
from membership.subscriptions.service.stops import LETTER

# So long after the second payment a mistake can still be noticed.
PATIENCE = timedelta(days=30)
MOST_PAYMENTS = 2


@dataclass(frozen=True, slots=True)
class OnceMore:
    """What making a gift a single one takes, as plain values."""

    patron_id: int
    stripe_subscription_id: str
    refund: RefundPlan | None


def has_second_payment(session: Session, link: LetterLink, now: datetime) -> bool:
    """Whether a second payment would come back; raises NotOnce when it is too late for that."""
    paid = _payments(session, link)
    if not 1 <= len(paid) <= MOST_PAYMENTS or paid[-1].paid_at < now - PATIENCE:
        raise NotOnce
    return len(paid) == MOST_PAYMENTS


def undo_repetition(session: Session, link: LetterLink, now: datetime) -> OnceMore:
    """Write down that nothing repeats and that a second payment goes back; raises NotOnce."""
    is_returned = has_second_payment(session, link, now)
    subscription, paid = link.subscription, _payments(session, link)
    link.used_at = link.used_at or now
    subscriptions.note_stop(session, subscription.stripe_subscription_id, LETTER, StopReason.ONCE)
    book_as_gift(session, paid[0], now)
    first = subscriptions.amount(paid[0].gross)
    subscriptions.write(
        session, "made_once", subscription, about=str(subscription.id), amount=first, is_returned=is_returned
    )
    refund = _refund(session, paid[-1]) if is_returned else None
    return OnceMore(subscription.patron_id, subscription.stripe_subscription_id, refund)


def _refund(session: Session, payment: Payment) -> RefundPlan | None:
    try:
        return payments.intend_refund(
            session, payment.receipt_number, reason="did not mean to repeat", actor="the patron's letter"
        )
    except NothingToRefund:
        return None


def _payments(session: Session, link: LetterLink) -> list[Payment]:
    paid = select(Payment).join(Invoice, Invoice.id == Payment.invoice_id)
    paid = paid.where(Invoice.subscription_id == link.subscription_id)
    return list(session.scalars(paid.order_by(Payment.paid_at, Payment.id)))
