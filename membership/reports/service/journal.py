"""The journal for a bookkeeper: one row per leg, under ids that never change."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from membership.ledger.models import Entry, JournalTransaction
from membership.money import Money, decimal
from membership.reports.exports import Value
from membership.reports.rules import Window

HEAD = ("entry_id", "movement_id", "cause", "kind", "occurred_at_utc", "account", "currency", "debit", "credit", "txn")
BATCH = 500


def journal_lines(session: Session, since: datetime, until: datetime) -> Iterator[tuple[Value, ...]]:
    """Yield the legs of what occurred from `since` to before `until`, in the order in which they were written."""
    moved = select(Entry, JournalTransaction).join(JournalTransaction, JournalTransaction.id == Entry.transaction_id)
    within = moved.where(JournalTransaction.occurred_at >= since, JournalTransaction.occurred_at < until)
    for entry, movement in session.execute(within.order_by(Entry.id).execution_options(yield_per=BATCH)):
        yield _line(entry, movement)


def journal_movements(session: Session, window: Window | None) -> Iterator[JournalTransaction]:
    """Yield the movements with their legs of what occurred in a stretch of time, or ever."""
    within = select(JournalTransaction)
    if window is not None:
        moment = JournalTransaction.occurred_at
        within = within.where(moment >= window.since, moment < window.until)
    yield from session.scalars(within.order_by(JournalTransaction.id).execution_options(yield_per=BATCH))


def _line(entry: Entry, movement: JournalTransaction) -> tuple[Value, ...]:
    debit, credit = _sides(entry.amount)
    return (
        str(entry.id),
        str(movement.id),
        movement.cause,
        movement.kind.value,
        movement.occurred_at.isoformat(timespec="seconds"),
        entry.account.value,
        entry.amount_currency,
        debit,
        credit,
        movement.stripe_balance_transaction_id or "",
    )


def _sides(amount: Money) -> tuple[Decimal | None, Decimal | None]:
    return (decimal(amount), None) if amount.minor > 0 else (None, decimal(-amount))
