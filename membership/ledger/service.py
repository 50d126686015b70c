"""Book movements of money, and add them up."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from membership.clock import utc_now
from membership.db import insert_unless_known
from membership.ledger.models import Account, Entry, JournalKind, JournalTransaction
from membership.money import Money

Leg = tuple[Account, Money]


def book(
    session: Session,
    cause: str,
    kind: JournalKind,
    occurred_at: datetime,
    legs: Iterable[Leg],
    balance_transaction_id: str | None = None,
) -> int:
    """Append a movement, unless its cause is booked already; return its id in the journal.

    Raises ValueError when the legs do not sum to zero in each currency.
    """
    kept = [(account, amount) for account, amount in legs if amount.minor]
    _insist_on_balance(cause, kept)
    values = {
        "cause": cause,
        "kind": kind,
        "occurred_at": occurred_at,
        "recorded_at": utc_now(),
        "stripe_balance_transaction_id": balance_transaction_id,
    }
    booked: int | None = insert_unless_known(session, JournalTransaction, values)
    if booked is None:
        return session.scalars(select(JournalTransaction.id).filter_by(cause=cause)).one()
    session.execute(insert(Entry), [_row(booked, leg) for leg in kept])
    return booked


def balances(session: Session, as_of: datetime | None = None) -> dict[tuple[Account, str], int]:
    """Return the balance of each account and currency in minor units, now or just before a moment."""
    summed = select(Entry.account, Entry.amount_currency, func.sum(Entry.amount_minor))
    if as_of is not None:
        summed = summed.join(Entry.transaction).where(JournalTransaction.occurred_at < as_of)
    rows = session.execute(summed.group_by(Entry.account, Entry.amount_currency))
    return {(account, currency): int(minor) for account, currency, minor in rows}


def statement(session: Session, account: Account, *, since: datetime, until: datetime) -> list[Entry]:
    """Return what moved on an account from `since` to before `until`, oldest first."""
    moved = select(Entry).join(Entry.transaction).where(Entry.account == account)
    within = moved.where(JournalTransaction.occurred_at >= since, JournalTransaction.occurred_at < until)
    return list(session.scalars(within.order_by(JournalTransaction.occurred_at, Entry.id)).unique())


def _insist_on_balance(cause: str, legs: list[Leg]) -> None:
    sums: dict[str, int] = defaultdict(int)
    for _, amount in legs:
        sums[amount.currency] += amount.minor
    if not legs or any(sums.values()):
        raise ValueError(f"the legs of {cause} do not sum to zero, or there are none")


def _row(transaction_id: int, leg: Leg) -> dict[str, object]:
    account, amount = leg
    return {
        "transaction_id": transaction_id,
        "account": account,
        "amount_minor": amount.minor,
        "amount_currency": amount.currency,
    }
