"""Disputes and early fraud warnings: a row of ours, what they moved in the books, and what they bring with them."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from membership.gateway.values import DisputeSnapshot, FraudWarningSnapshot
from membership.inserts import insert_unless_known
from membership.ledger.models import JournalKind
from membership.payments import rules
from membership.payments.errors import PaymentDisputed
from membership.payments.fulfilment.consequences import respond_to_dispute, respond_to_warning, weigh
from membership.payments.fulfilment.settlements import settle
from membership.payments.models import Dispute, DisputeStatus, FraudWarning, Payment


def take_dispute(session: Session, payment: Payment, snapshot: DisputeSnapshot) -> Dispute:
    """Record a dispute as it is now, and book what it moved: an inquiry moves nothing, a win brings the money back."""
    dispute = session.scalar(select(Dispute).filter_by(stripe_dispute_id=snapshot.id))
    if dispute is None:
        dispute = Dispute(
            stripe_dispute_id=snapshot.id,
            payment=payment,
            reason=snapshot.reason,
            opened_at=snapshot.created_at,
        )
        session.add(dispute)
    dispute.status = rules.dispute_status(dispute.status, snapshot.status)
    dispute.amount = snapshot.amount
    session.flush()
    for settlement in snapshot.settlements:
        settle(session, settlement, JournalKind.DISPUTE, snapshot.amount)
    weigh(session, payment)
    respond_to_dispute(session, dispute)
    return dispute


def take_warning(session: Session, payment: Payment, snapshot: FraudWarningSnapshot) -> None:
    """Record an early fraud warning as it is now."""
    values = {
        "stripe_warning_id": snapshot.id,
        "payment_id": payment.id,
        "kind": snapshot.kind,
        "is_actionable": snapshot.is_actionable,
        "warned_at": snapshot.created_at,
    }
    insert_unless_known(session, FraudWarning, values)
    warning = session.scalars(select(FraudWarning).filter_by(stripe_warning_id=snapshot.id)).one()
    # It stops being actionable once the money went back, and never starts again.
    warning.is_actionable = warning.is_actionable and snapshot.is_actionable
    session.flush()
    weigh(session, payment)
    respond_to_warning(session, warning)


def admit_refund(session: Session, payment: Payment) -> None:
    """Raise PaymentDisputed while a bank decides about a payment, and for one that it took whole."""
    disputes = session.scalars(select(Dispute).filter_by(payment_id=payment.id)).all()
    lost = sum(one.amount.minor for one in disputes if one.status is DisputeStatus.LOST)
    if lost >= payment.gross.minor or any(one.status is DisputeStatus.OPEN for one in disputes):
        raise PaymentDisputed
