"""Payouts: on their way, arrived, come back; and the lines that they are made of."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from membership.gateway.values import PayoutSnapshot
from membership.ledger.errors import UnknownMovement
from membership.ledger.models import Account, JournalKind
from membership.ledger.service import book, reverse
from membership.payments import rules
from membership.payments.fulfilment.settlements import keep, settle_for_the_account
from membership.payments.models import BalanceTransaction, Payout, PayoutStatus

AT_ONCE = 500


def take_payout(session: Session, snapshot: PayoutSnapshot) -> Payout:
    """Record a payout as it is now, and book where its money is."""
    wanted = select(Payout).filter_by(stripe_payout_id=snapshot.id).with_for_update()
    payout = session.scalar(wanted.execution_options(populate_existing=True))
    if payout is None:
        payout = Payout(
            stripe_payout_id=snapshot.id,
            amount=snapshot.amount,
            is_automatic=snapshot.is_automatic,
            is_complete=False,
            created_at=snapshot.created_at,
        )
        session.add(payout)
    payout.status = rules.payout_status(payout.status, snapshot.status)
    payout.arrives_at = snapshot.arrives_at
    session.flush()
    _book(session, payout, snapshot)
    _link(session, payout, snapshot)
    return payout


def _book(session: Session, payout: Payout, snapshot: PayoutSnapshot) -> None:
    for settlement in (snapshot.settlement, snapshot.failure):
        if settlement is not None:
            settle_for_the_account(session, settlement)
    arrived = f"payout_paid:{snapshot.id}"
    if payout.status is PayoutStatus.PAID:
        legs = [(Account.BANK, payout.amount), (Account.TRANSIT, -payout.amount)]
        book(session, arrived, JournalKind.PAYOUT, payout.arrives_at, legs)
    elif payout.status in {PayoutStatus.FAILED, PayoutStatus.CANCELED}:
        _take_back(session, arrived, snapshot)


def _take_back(session: Session, arrived: str, snapshot: PayoutSnapshot) -> None:
    # A payout may be called paid for days before the bank sends it back.
    came_back = snapshot.failure.created_at if snapshot.failure else snapshot.arrives_at
    try:
        reverse(session, arrived, came_back)
    except UnknownMovement:
        return


def _link(session: Session, payout: Payout, snapshot: PayoutSnapshot) -> None:
    for line in snapshot.lines:
        keep(session, line, is_ours=False)
    ids = [line.id for line in snapshot.lines]
    for start in range(0, len(ids), AT_ONCE):
        mine = BalanceTransaction.stripe_balance_transaction_id.in_(ids[start : start + AT_ONCE])
        session.execute(update(BalanceTransaction).where(mine).values(payout_id=payout.id))
    payout.is_complete = payout.is_complete or (snapshot.is_complete and bool(snapshot.lines))
