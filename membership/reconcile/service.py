"""How far the last walk came, who is walking now, and what a walk must ask for by name."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from membership.clock import utc_now
from membership.gateway.values import SettlementSnapshot
from membership.inserts import insert_unless_known
from membership.payments.models import Dispute, DisputeStatus, Payment, Payout, PayoutStatus, Refund, RefundStatus
from membership.payments.rules import PAYOUTS, RETURN
from membership.reconcile.errors import AlreadyRunning
from membership.reconcile.models import Checkpoint
from membership.subscriptions.models import Invoice, InvoiceStatus, RevokedBy
from membership.subscriptions.service import list_overdue_sessions

BEGINNING = datetime(2011, 1, 1, tzinfo=UTC)
# Longer than a checkout may stay open and than Stripe may take to list what it has made.
OVERLAP = timedelta(days=3)
# Longer than Stripe may be waited for between two breaths.
LEASE = timedelta(minutes=1)
_WALK, _LEASE = "walk", "lease"
_UNFINISHED = [InvoiceStatus.DRAFT, InvoiceStatus.OPEN, InvoiceStatus.UNCOLLECTIBLE]


def next_start(session: Session) -> datetime:
    """Return from when on to compare: where the last walk came, and some time before."""
    checkpoint = session.get(Checkpoint, _WALK, populate_existing=True)
    return BEGINNING if checkpoint is None else checkpoint.reached_at - OVERLAP


def reach(session: Session, moment: datetime) -> None:
    """Keep that everything up to a moment has been compared."""
    session.merge(Checkpoint(name=_WALK, reached_at=moment))


def take_lease(session: Session, now: datetime) -> datetime:
    """Become the one that walks, for a minute; return until when. Raises AlreadyRunning."""
    insert_unless_known(session, Checkpoint, {"name": _LEASE, "reached_at": BEGINNING})
    return _hold(session, Checkpoint.reached_at <= now, now + LEASE)


def keep_lease(session: Session, held: datetime, until: datetime) -> datetime:
    """Go on walking until a moment; raises AlreadyRunning when somebody else walks since the lease ran out."""
    return _hold(session, Checkpoint.reached_at == held, until)


def _hold(session: Session, is_mine: ColumnElement[bool], until: datetime) -> datetime:
    mine = update(Checkpoint).where(Checkpoint.name == _LEASE, is_mine)
    if session.scalar(mine.values(reached_at=until).returning(Checkpoint.name)) is None:
        raise AlreadyRunning
    return until


def list_unfinished_invoices(session: Session) -> list[str]:
    """List the invoices that may still change, however old they are."""
    is_open = Invoice.status.in_(_UNFINISHED) | (Invoice.revoked_by == RevokedBy.RETURN)
    found = select(Invoice.stripe_invoice_id).where(is_open)
    return list(session.scalars(found.order_by(Invoice.id)))


def list_unfinished_disputes(session: Session) -> list[str]:
    """List the disputes that a bank has not decided, however old they are."""
    undecided = Dispute.status.in_([DisputeStatus.INQUIRY, DisputeStatus.OPEN])
    return list(session.scalars(select(Dispute.stripe_dispute_id).where(undecided).order_by(Dispute.id)))


def list_unfinished_checkouts(session: Session) -> list[str]:
    """List the checkouts of standing orders that should be over and wait for a bank: it takes days to answer."""
    return list_overdue_sessions(session, utc_now())


def list_unfinished_refunds(session: Session) -> list[str]:
    """List the refunds that may still change, however old they are."""
    found = select(Refund.stripe_refund_id).where(Refund.status == RefundStatus.PENDING).order_by(Refund.id)
    return [one for one in session.scalars(found) if one is not None]


def told_payouts(session: Session, ids: Collection[str]) -> set[str]:
    """Return those of these payouts whose lines we have."""
    told = select(Payout.stripe_payout_id).where(Payout.is_complete, Payout.stripe_payout_id.in_(ids))
    return set(session.scalars(told))


def charges_sent_back(session: Session, moved: Collection[SettlementSnapshot]) -> list[str]:
    """Return the payments that we count and that these movements take back, however old they are."""
    gone = {one.source_id for one in moved if one.category == RETURN}
    standing = select(Payment.stripe_charge_id).where(Payment.returned_at.is_(None), Payment.stripe_charge_id.in_(gone))
    return [one for one in session.scalars(standing.order_by(Payment.id)) if one is not None]


def payouts_sent_back(session: Session, moved: Collection[SettlementSnapshot]) -> list[str]:
    """Return the payouts that we think are on their way or there, and that these movements bring back."""
    back = {one.source_id for one in moved if one.category in PAYOUTS and one.gross.minor > 0}
    gone = Payout.status.in_([PayoutStatus.FAILED, PayoutStatus.CANCELED])
    found = select(Payout.stripe_payout_id).where(Payout.stripe_payout_id.in_(back), ~gone)
    return list(session.scalars(found.order_by(Payout.id)))
