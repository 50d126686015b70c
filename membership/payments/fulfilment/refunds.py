"""Refunds: a row of ours, what they moved in the books, and what they bring with them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from membership.clock import utc_now
from membership.gateway.values import RefundSnapshot
from membership.ledger.models import Account, JournalKind
from membership.ledger.service import book
from membership.payments import rules
from membership.payments.fulfilment.consequences import respond_to_refund, weigh
from membership.payments.fulfilment.settlements import settle
from membership.payments.models import Payment, Refund, RefundStatus


@dataclass(frozen=True, slots=True)
class Return:
    """A refund, and whether it is news that it failed."""

    refund: Refund
    is_newly_failed: bool


def give_back(session: Session, payment: Payment, snapshot: RefundSnapshot) -> Return:
    """Record a refund as it is now; a failed one restores what it took."""
    refund = _find(session, payment, snapshot) or _new(session, payment, snapshot)
    # Until Stripe has named a refund, its failure was our guess; what Stripe tells of it counts.
    known = RefundStatus.STARTED if refund.stripe_refund_id is None else refund.status
    refund.stripe_refund_id = snapshot.id
    refund.status = rules.refund_status(known, snapshot.status)
    session.flush()
    weigh(session, payment)
    _book(session, refund, snapshot)
    respond_to_refund(session, refund)
    return Return(refund, refund.status is RefundStatus.FAILED and known is not RefundStatus.FAILED)


def _find(session: Session, payment: Payment, snapshot: RefundSnapshot) -> Refund | None:
    by_id = select(Refund).filter_by(stripe_refund_id=snapshot.id)
    by_reference = select(Refund).filter_by(reference=snapshot.reference, payment_id=payment.id, stripe_refund_id=None)
    return session.scalar(by_id) or session.scalar(by_reference)


def _new(session: Session, payment: Payment, snapshot: RefundSnapshot) -> Refund:
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


def _book(session: Session, refund: Refund, snapshot: RefundSnapshot) -> None:
    back = [(Account.REFUNDS, refund.amount), (Account.CLEARING, -refund.amount)]
    book(session, f"refund:{snapshot.id}", JournalKind.REFUND, snapshot.created_at, back)
    if refund.status is RefundStatus.FAILED:
        again = [(account, -amount) for account, amount in back]
        book(session, f"refund_failed:{snapshot.id}", JournalKind.REFUND, _failed_at(snapshot), again)
    for settlement in (snapshot.settlement, snapshot.failure):
        if settlement is not None:
            settle(session, settlement, JournalKind.REFUND_SETTLEMENT, refund.amount)


def _failed_at(snapshot: RefundSnapshot) -> datetime:
    # Where no money came home, Stripe does not tell when a refund failed; the books take the moment that we heard.
    return snapshot.failure.created_at if snapshot.failure else max(snapshot.created_at, utc_now())
