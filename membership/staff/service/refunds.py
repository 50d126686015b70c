"""Refunds that did not arrive: they wait until the money has gone back in another way."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from membership.audit.service import note
from membership.payments.models import Payment, Refund, RefundStatus

MOST_FAILED = 20


def list_failed_refunds(session: Session) -> Sequence[Refund]:
    """List the refunds that failed and that nothing has replaced, the oldest first."""
    return session.scalars(_waiting().order_by(Refund.id).limit(MOST_FAILED)).all()


def list_failed_refunds_of(session: Session, payment: Payment) -> Sequence[Refund]:
    """List those of one payment."""
    return session.scalars(_waiting().where(Refund.payment_id == payment.id).order_by(Refund.id)).all()


def see_to_refunds(session: Session, payment: Payment, now: datetime, *, reason: str, actor: str) -> None:
    """Record that the money of a payment whose return failed went back another way, or need not."""
    for refund in list_failed_refunds_of(session, payment):
        refund.seen_to_at = now
        told = {"amount": refund.amount.minor, "reason": reason}
        note(session, actor=actor, action="payment.refund_seen_to", subject=payment.receipt_number, **told)


def _waiting() -> Select[Refund]:
    later = aliased(Refund)
    after = (later.payment_id == Refund.payment_id, later.id > Refund.id, later.status != RefundStatus.FAILED)
    failed = (
        select(Refund).join(Refund.payment).where(Refund.status == RefundStatus.FAILED, Refund.seen_to_at.is_(None))
    )
    return failed.where(Payment.refunded_minor < Payment.gross_minor, ~select(later.id).where(*after).exists())
