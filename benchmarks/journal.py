"""A payment written into a journal of a million entries, beside one written into ten thousand."""

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import count

from sqlalchemy import Engine, insert, text
from sqlalchemy.orm import Session

from benchmarks.figures import Figure, compare
from membership.clock import utc_now
from membership.db import Base, make_engine
from membership.ledger.models import Account, JournalKind
from membership.ledger.service import book
from membership.money import Money

FEW, MANY, AT_ONCE = 10_000, 1_000_000, 10_000
# Short turns and many: a busy moment hits both.
WRITES, TURNS, WANTED = 50, 5, 0.9
numbers = count(1)


def measure(database: str, few: str, many: str, rounds: int) -> Iterator[Figure]:
    """Write payments with their settlements in turn into both; the empty databases at these addresses are filled."""
    small, big = (_filled(url, entries) for url, entries in ((few, FEW), (many, MANY)))
    name = f"payments into a journal of {MANY:,} entries, {database}, beside {FEW:,}"
    _writing(small)()
    _writing(big)()
    yield compare(name, _writing(big), _writing(small), unit="/s", wanted=WANTED, rounds=TURNS * rounds)
    small.dispose()
    big.dispose()


def _filled(url: str, entries: int) -> Engine:
    engine = make_engine(url).execution_options(writes=True)
    Base.metadata.create_all(engine)
    movements, legs = Base.metadata.tables["journal_transactions"], Base.metadata.tables["entries"]
    then = utc_now() - timedelta(days=3000)
    with engine.begin() as connection:
        for start in range(1, entries // 2 + 1, AT_ONCE):
            some = range(start, min(start + AT_ONCE, entries // 2 + 1))
            connection.execute(insert(movements), [_movement(n, then) for n in some])
            connection.execute(insert(legs), [leg for n in some for leg in _legs(n)])
        if engine.dialect.name == "postgresql":
            for table in (movements, legs):
                connection.execute(
                    text(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), max(id)) FROM {table.name}")
                )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT", writes=False) as connection:
        connection.exec_driver_sql("ANALYZE")
    return engine


def _movement(n: int, then: datetime) -> dict[str, object]:
    at = then + timedelta(minutes=n)
    return {
        "id": n,
        "cause": f"payment:pi_{n}",
        "kind": JournalKind.PAYMENT,
        "occurred_at": at,
        "recorded_at": at,
        "stripe_balance_transaction_id": f"txn_{n}",
    }


def _legs(n: int) -> Iterator[dict[str, object]]:
    for account, minor in ((Account.CLEARING, 500), (Account.SUBSCRIPTION_INCOME, -500)):
        yield {"transaction_id": n, "account": account, "amount_minor": minor, "amount_currency": "eur"}


def _writing(engine: Engine) -> Callable[[], float]:
    def write() -> float:
        began = time.perf_counter()
        for n in (next(numbers) for _ in range(WRITES)):
            with Session(engine) as session:
                _pay(session, n)
                session.commit()
        return WRITES / (time.perf_counter() - began)

    return write


def _pay(session: Session, n: int) -> None:
    gross, fee = Money(500, "eur"), Money(33, "eur")
    paid = [(Account.CLEARING, gross), (Account.SUBSCRIPTION_INCOME, -gross)]
    book(session, f"payment:new_{n}", JournalKind.PAYMENT, utc_now(), paid)
    settled = [(Account.STRIPE, gross - fee), (Account.FEES, fee), (Account.CLEARING, -gross)]
    book(session, f"settlement:new_{n}", JournalKind.SETTLEMENT, utc_now(), settled, f"txn_new_{n}")
