"""The journal: booked once, balanced, never edited."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from membership.ledger.models import Account, Entry, JournalKind, JournalTransaction
from membership.ledger.service import balances, book, statement
from membership.money import Money

DAY = datetime(2026, 11, 3, tzinfo=UTC)
SALE = [(Account.CLEARING, Money(500, "eur")), (Account.DONATION_INCOME, Money(-500, "eur"))]


def sell(session, cause="payment:pi_1", at=DAY, legs=SALE):
    return book(session, cause, JournalKind.PAYMENT, at, legs)


def test_a_cause_is_booked_once(session):
    first, second = sell(session), sell(session)

    assert first == second
    assert balances(session) == {(Account.CLEARING, "eur"): 500, (Account.DONATION_INCOME, "eur"): -500}


def test_legs_of_nothing_are_left_out(session):
    booked = sell(session, legs=[*SALE, (Account.FEES, Money(0, "eur"))])

    assert len(session.get_one(JournalTransaction, booked).entries) == 2


@pytest.mark.parametrize(
    "legs",
    [
        [],
        [(Account.FEES, Money(0, "eur"))],
        [(Account.CLEARING, Money(500, "eur")), (Account.DONATION_INCOME, Money(-499, "eur"))],
        [(Account.CLEARING, Money(500, "eur")), (Account.DONATION_INCOME, Money(-500, "usd"))],
    ],
)
def test_what_does_not_sum_to_zero_is_refused(session, legs):
    with pytest.raises(ValueError, match="sum to zero"):
        sell(session, legs=legs)

    assert session.scalar(select(func.count()).select_from(Entry)) == 0


def test_balances_can_be_told_as_of_a_moment(session):
    sell(session)
    sell(session, "payment:pi_2", DAY + timedelta(days=1))

    assert balances(session, DAY) == {}
    assert balances(session, DAY + timedelta(days=1))[Account.CLEARING, "eur"] == 500
    assert balances(session)[Account.CLEARING, "eur"] == 1000


def test_a_statement_lists_what_moved_in_a_window(session):
    for n in range(3):
        sell(session, f"payment:pi_{n}", DAY + timedelta(days=n))

    entries = statement(session, Account.CLEARING, since=DAY, until=DAY + timedelta(days=2))
    assert [entry.transaction.cause for entry in entries] == ["payment:pi_0", "payment:pi_1"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET amount_minor = amount_minor + 1",
        "DELETE FROM entries",
        "UPDATE journal_transactions SET cause = 'another'",
        "DELETE FROM journal_transactions",
    ],
)
def test_the_database_refuses_to_change_the_journal(session, statement):
    sell(session)

    with pytest.raises(IntegrityError, match="append-only"):
        session.execute(text(statement))
