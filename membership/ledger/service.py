"""Book movements of money, and add them up."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from membership.clock import utc_now
from membership.db import Base
from membership.inserts import insert_all_unless_known
from membership.ledger.errors import UnknownMovement
from membership.ledger.models import HOLDING, INCOME, OWED, Account, Entry, JournalKind, JournalTransaction
from membership.money import Money

Leg = tuple[Account, Money]
# Built once: each movement is entered by it.
_ENTER = insert(Base.metadata.tables["entries"])


@dataclass(frozen=True, slots=True)
class OfflineAmounts:
    """What was given, what it cost to receive, and which part of the gift was given to cover such costs."""

    gross: Money
    fee: Money
    covered: Money

    @classmethod
    def of(cls, gross: Money) -> "OfflineAmounts":
        """Return a gift that cost nothing to receive."""
        nothing = Money(0, gross.currency)
        return cls(gross, nothing, nothing)


@dataclass(frozen=True, slots=True)
class Movement:
    """What to append to the journal; its legs sum to zero in each currency."""

    cause: str
    kind: JournalKind
    occurred_at: datetime
    legs: Sequence[Leg]
    balance_transaction_id: str | None = None

    def __post_init__(self) -> None:
        if not self.kept or any(_sums(self.kept).values()):
            raise ValueError(f"the legs of {self.cause} do not sum to zero, or there are none")

    @property
    def kept(self) -> list[Leg]:
        return [(account, amount) for account, amount in self.legs if amount.minor]


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
    booked = book_all(session, [Movement(cause, kind, occurred_at, list(legs), balance_transaction_id)])
    return booked.get(cause) or session.scalars(select(JournalTransaction.id).filter_by(cause=cause)).one()


def book_all(session: Session, movements: Sequence[Movement]) -> dict[str, int]:
    """Append movements, except those whose cause is booked already; return by cause the ids of those appended."""
    now = utc_now()
    rows = [
        {
            "cause": one.cause,
            "kind": one.kind,
            "occurred_at": one.occurred_at,
            "recorded_at": now,
            "stripe_balance_transaction_id": one.balance_transaction_id,
        }
        for one in movements
    ]
    booked = insert_all_unless_known(session, JournalTransaction, rows, JournalTransaction.cause)
    legs = [_row(booked[one.cause], leg) for one in movements if one.cause in booked for leg in one.kept]
    if legs:
        # Past the session: what it holds is not flushed for each movement, but once.
        session.connection().execute(_ENTER, legs)
    return booked


def reverse(session: Session, cause: str, occurred_at: datetime) -> int:
    """Take a movement back by its mirror image, once; the journal itself is never edited. Raises UnknownMovement."""
    found = session.scalar(select(JournalTransaction).filter_by(cause=cause))
    if found is None:
        raise UnknownMovement
    back = [(entry.account, -entry.amount) for entry in found.entries]
    return book(session, reversal_of(cause), JournalKind.REVERSAL, occurred_at, back)


def reversal_of(cause: str) -> str:
    """Return the cause under which a movement is taken back."""
    return f"reversal:{cause}"


def is_reversed(session: Session, cause: str) -> bool:
    """Whether a movement was taken back."""
    return session.scalar(select(JournalTransaction.id).filter_by(cause=reversal_of(cause))) is not None


def book_offline(
    session: Session, reference: str, occurred_at: datetime, amounts: OfflineAmounts, *, held: Account, income: Account
) -> int:
    """Book a gift that did not come through Stripe; a cheque that bounces is `reverse(offline_cause(reference))`.

    `held` is one of HOLDING, `income` one of INCOME; anything else is a ValueError.
    """
    if held not in HOLDING or income not in INCOME:
        raise ValueError(f"a gift is not held on {held} nor booked as {income}")
    legs = [
        (held, amounts.gross - amounts.fee),
        (Account.FEES, amounts.fee),
        (Account.COVERED_FEES, -amounts.covered),
        (income, amounts.covered - amounts.gross),
    ]
    return book(session, offline_cause(reference), JournalKind.OFFLINE, occurred_at, legs)


def offline_cause(reference: str) -> str:
    """Return the cause under which a gift that did not come through Stripe is booked."""
    return f"offline:{reference}"


def write_off(session: Session, reference: str, occurred_at: datetime, account: Account, amount: Money) -> int:
    """Give up what an account holds and nobody will pay; `amount` is negative for what nobody will claim.

    `account` is one of OWED; anything else is a ValueError.
    """
    if account not in OWED:
        raise ValueError(f"what is on {account} cannot be given up")
    legs = [(Account.WRITE_OFFS, amount), (account, -amount)]
    return book(session, f"write_off:{reference}", JournalKind.WRITE_OFF, occurred_at, legs)


def exchanged(legs: Iterable[Leg]) -> list[Leg]:
    """Complete legs in two currencies by the exchange account, so that each currency sums to zero by itself."""
    kept = list(legs)
    sums = _sums(kept)
    return kept + [(Account.EXCHANGE, Money(-minor, currency)) for currency, minor in sums.items() if len(sums) > 1]


def balances(
    session: Session, as_of: datetime | None = None, kinds: Collection[JournalKind] = ()
) -> dict[tuple[Account, str], int]:
    """Return the balance of each account and currency in minor units: now, or before a moment; of some kinds only."""
    summed = select(Entry.account, Entry.amount_currency, func.sum(Entry.amount_minor))
    if as_of is not None or kinds:
        summed = summed.join(Entry.transaction)
    if as_of is not None:
        summed = summed.where(JournalTransaction.occurred_at < as_of)
    if kinds:
        summed = summed.where(JournalTransaction.kind.in_(kinds))
    rows = session.execute(summed.group_by(Entry.account, Entry.amount_currency))
    return {(account, currency): int(minor) for account, currency, minor in rows}


def statement(session: Session, account: Account, *, since: datetime, until: datetime) -> list[Entry]:
    """Return what moved on an account from `since` to before `until`, oldest first."""
    moved = select(Entry).join(Entry.transaction).where(Entry.account == account)
    within = moved.where(JournalTransaction.occurred_at >= since, JournalTransaction.occurred_at < until)
    return list(session.scalars(within.order_by(JournalTransaction.occurred_at, Entry.id)).unique())


def _sums(legs: Iterable[Leg]) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for _, amount in legs:
        sums[amount.currency] += amount.minor
    return sums


def _row(transaction_id: int, leg: Leg) -> dict[str, object]:
    account, amount = leg
    return {
        "transaction_id": transaction_id,
        "account": account,
        "amount_minor": amount.minor,
        "amount_currency": amount.currency,
    }
