"""The journal: booked once, balanced, never edited."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from membership.ledger.errors import UnknownMovement
from membership.ledger.models import Account, Entry, JournalKind, JournalTransaction
from membership.ledger.service import (
    OfflineAmounts,
    balances,
    book,
    book_offline,
    exchanged,
    offline_cause,
    reverse,
    statement,
    write_off,
)
from membership.money import Money

DAY = datetime(2026, 11, 3, tzinfo=UTC)
SALE = [(Account.CLEARING, Money(500, "eur")), (Account.DONATION_INCOME, Money(-500, "eur"))]


def sell(session, cause="payment:pi_1", at=DAY, legs=SALE):
    return book(session, cause, JournalKind.PAYMENT, at, legs)


def test_what_is_told_by_what_moved_it_cannot_be_given_up(session):
    with pytest.raises(ValueError, match="cannot be given up"):
        write_off(session, "w1", DAY, Account.DONATION_INCOME, eur(500))


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


def eur(minor):
    return Money(minor, "eur")


def held(session):
    return {account.value: minor for (account, _), minor in balances(session).items() if minor}


def test_a_movement_is_taken_back_once_by_its_mirror_image(session):
    sell(session)

    assert reverse(session, "payment:pi_1", DAY) == reverse(session, "payment:pi_1", DAY)
    assert held(session) == {}
    assert balances(session, kinds=[JournalKind.REVERSAL])[Account.CLEARING, "eur"] == -500


def test_what_was_never_booked_cannot_be_taken_back(session):
    with pytest.raises(UnknownMovement):
        reverse(session, "payment:pi_1", DAY)


def test_a_gift_outside_stripe_says_where_it_is_what_it_cost_and_what_covers_that(session):
    amounts = OfflineAmounts(gross=eur(2050), fee=eur(40), covered=eur(50))
    book_offline(session, "g1", DAY, amounts, held=Account.PAYPAL, income=Account.DONATION_INCOME)

    assert held(session) == {"paypal": 2010, "fees": 40, "covered_fees": -50, "donation_income": -2000}


def test_a_cheque_that_bounces_is_reversed(session):
    book_offline(session, "g1", DAY, OfflineAmounts.of(eur(700)), held=Account.CHEQUES, income=Account.DONATION_INCOME)
    reverse(session, offline_cause("g1"), DAY)

    assert held(session) == {}


@pytest.mark.parametrize(
    ("place", "income"), [(Account.STRIPE, Account.DONATION_INCOME), (Account.BANK, Account.REFUNDS)]
)
def test_a_gift_outside_stripe_is_not_held_there_nor_is_it_anything_but_income(session, place, income):
    with pytest.raises(ValueError, match="a gift is not"):
        book_offline(session, "g1", DAY, OfflineAmounts.of(eur(700)), held=place, income=income)


def test_what_nobody_will_pay_is_written_off(session):
    sell(session)
    write_off(session, "w1", DAY, Account.CLEARING, eur(500))

    assert held(session) == {"write_offs": 500, "donation_income": -500}


def test_an_exchange_keeps_each_currency_at_zero(session):
    legs = exchanged([(Account.CLEARING, Money(-1000, "usd")), (Account.STRIPE, eur(880)), (Account.FEES, eur(40))])
    book(session, "settlement:txn_1", JournalKind.SETTLEMENT, DAY, legs, "txn_1")

    assert balances(session)[Account.EXCHANGE, "usd"] == 1000
    assert balances(session)[Account.EXCHANGE, "eur"] == -920


def test_within_one_currency_nothing_is_exchanged(session):
    assert exchanged(SALE) == SALE
