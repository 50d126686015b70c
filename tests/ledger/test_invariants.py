"""The checks of the journal find what they are for."""

from datetime import UTC, datetime

import pytest

from membership.ledger.invariants import INVARIANTS
from membership.ledger.models import Account, Entry, JournalKind, JournalTransaction
from membership.ledger.service import book
from membership.money import Money

DAY = datetime(2026, 11, 3, tzinfo=UTC)


def findings(session):
    return {name.split()[0]: find(session) for name, find in INVARIANTS.items()}


def write(session, cause, legs, balance_transaction_id=None):
    """Write to the journal as no code of ours can."""
    movement = JournalTransaction(cause=cause, kind=JournalKind.OTHER, occurred_at=DAY, recorded_at=DAY, entries=legs)
    movement.stripe_balance_transaction_id = balance_transaction_id
    session.add(movement)
    session.flush()


def leg(account, minor, currency="eur"):
    return Entry(account=account, amount_minor=minor, amount_currency=currency)


def test_a_sound_journal_offends_nothing(session):
    legs = [
        (Account.STRIPE, Money(475, "eur")),
        (Account.FEES, Money(25, "eur")),
        (Account.CLEARING, Money(-500, "eur")),
    ]
    book(session, "settlement:txn_1", JournalKind.SETTLEMENT, DAY, legs, "txn_1")

    assert findings(session) == {"I1": [], "I2": [], "I14": []}


@pytest.mark.parametrize("legs", [[], [leg(Account.FEES, 1)], [leg(Account.FEES, 1), leg(Account.CLEARING, -1, "usd")]])
def test_a_lame_movement_is_found(session, legs):
    write(session, "lame", [leg(row.account, row.amount_minor, row.amount_currency) for row in legs])

    assert findings(session)["I1"] == ["lame"]


def test_a_settlement_that_stripe_never_named_is_found(session):
    write(session, "guessed", [leg(Account.STRIPE, 5), leg(Account.CLEARING, -5)])
    write(session, "empty name", [leg(Account.FEES, 5), leg(Account.CLEARING, -5)], "txn_2")

    assert findings(session)["I2"] == ["empty name", "guessed"]


def test_a_currency_that_does_not_exist_is_found(session):
    write(session, "odd", [leg(Account.FEES, 5, "xxx"), leg(Account.CLEARING, -5, "xxx")])

    assert findings(session)["I14"]
