"""What a payment that went back, or may have to, means for what it paid for: by policy, and taken back like it came."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from membership.config import Consequence
from membership.jobs.service import enqueue
from membership.payments.fulfilment.time import take_time_back
from membership.payments.models import Dispute, DisputeStatus, FraudWarning, Payment, Refund, RefundStatus
from membership.payments.policy import policy_of
from membership.subscriptions.models import RevokedBy
from membership.subscriptions.rules import is_paid_after

RESPOND = "payments.respond"
# Those that are, or once were, more than a question.
_DISPUTED = frozenset({DisputeStatus.OPEN, DisputeStatus.LOST, DisputeStatus.WON})
_SENT = (RefundStatus.PENDING, RefundStatus.SUCCEEDED)


def weigh(session: Session, payment: Payment) -> None:
    """Sum up what went back, and decide whether the period that was paid for still counts."""
    refunds = list(session.scalars(select(Refund).where(Refund.payment_id == payment.id, Refund.status.in_(_SENT))))
    payment.refunded_minor = sum(refund.amount.minor for refund in refunds)
    revoked_at, revoked_by = min(_causes(session, payment, refunds), default=(None, None))
    invoice, returned_at = payment.invoice, payment.returned_at
    is_paid_again = invoice is not None and returned_at is not None and is_paid_after(invoice, returned_at)
    if invoice is not None and not is_paid_again:
        invoice.revoked_at, invoice.revoked_by = revoked_at, revoked_by
    if payment.donation is not None:
        take_time_back(session, payment.donation, revoked_at)


def is_taken_back(session: Session, payment: Payment) -> bool:
    """Whether what was paid for does not count any more, by policy."""
    refunds = list(session.scalars(select(Refund).where(Refund.payment_id == payment.id, Refund.status.in_(_SENT))))
    return any(True for _ in _causes(session, payment, refunds))


def _causes(session: Session, payment: Payment, refunds: list[Refund]) -> Iterator[tuple[datetime, RevokedBy]]:
    if payment.returned_at is not None:
        yield payment.returned_at, RevokedBy.RETURN
    policy = policy_of(session)
    if Consequence.ACCESS in policy.on_refund and payment.refunded_minor == payment.gross.minor:
        yield max(refund.created_at for refund in refunds), RevokedBy.REFUND
    if Consequence.ACCESS in policy.on_dispute:
        for dispute in session.scalars(select(Dispute).filter_by(payment_id=payment.id)):
            if dispute.status.takes_back:
                yield dispute.opened_at, RevokedBy.DISPUTE
    if Consequence.ACCESS in policy.on_fraud_warning:
        for warning in session.scalars(select(FraudWarning).filter_by(payment_id=payment.id)):
            yield warning.warned_at, RevokedBy.FRAUD_WARNING


def respond_to_refund(session: Session, refund: Refund) -> None:
    """Write down that the subscription ends, if a full refund ends it."""
    payment = refund.payment
    is_full = payment.refunded_minor == payment.gross.minor
    if is_full and Consequence.SUBSCRIPTION in policy_of(session).on_refund:
        _cut_off(payment, refund.created_at)
        _respond(session, payment, "refund", payment.id)


def respond_to_dispute(session: Session, dispute: Dispute) -> None:
    """Write down that the subscription ends, if a dispute ends it; one that is won by now may have ended it before."""
    if dispute.status in _DISPUTED and Consequence.SUBSCRIPTION in policy_of(session).on_dispute:
        _cut_off(dispute.payment, dispute.opened_at)
        if dispute.status.takes_back:
            _respond(session, dispute.payment, "dispute", dispute.id)


def respond_to_warning(session: Session, warning: FraudWarning) -> None:
    """Write down that the money goes back and the subscription ends, if a warning brings that."""
    brings = policy_of(session).on_fraud_warning
    if Consequence.SUBSCRIPTION in brings:
        _cut_off(warning.payment, warning.warned_at)
    if warning.is_actionable and brings & {Consequence.SUBSCRIPTION, Consequence.REFUND}:
        _respond(session, warning.payment, "fraud_warning", warning.id)


def _cut_off(payment: Payment, at: datetime) -> None:
    """Note that it is this which ends the subscription, unless it had stopped before."""
    subscription = payment.invoice.subscription if payment.invoice else None
    if subscription is not None and (subscription.ended_at is None or subscription.ended_at >= at):
        subscription.is_cut_off = True


def _respond(session: Session, payment: Payment, why: str, number: int) -> None:
    enqueue(session, RESPOND, f"{RESPOND}:{why}:{number}", {"receipt_number": payment.receipt_number, "why": why})
