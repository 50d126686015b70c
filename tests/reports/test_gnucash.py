"""A book of GnuCash's is read back by another parser than wrote it, and is the journal."""

from collections import Counter
from decimal import Decimal
from fractions import Fraction

import gnewcash
import pytest
from defusedxml import ElementTree
from sqlalchemy import func, select

from membership.clock import utc_now
from membership.db import transaction
from membership.ledger.models import Account, Entry, JournalKind
from membership.ledger.service import balances, book
from membership.money import Money, decimal
from tests.payments.story import Story

GNC, ACT, TRN, SPLIT = (f"{{http://www.gnucash.org/XML/{one}}}" for one in ("gnc", "act", "trn", "split"))


@pytest.fixture
def moved(context, gateway):
    """Move money in euros and yen, and exchange some."""
    story = Story(gateway)
    for _ in story.life(story.patron()):
        pass
    exchanged = [(Account.EXCHANGE, Money(-500, "jpy")), (Account.STRIPE, Money(500, "jpy"))]
    exchanged += [(Account.EXCHANGE, Money(285, "eur")), (Account.CLEARING, Money(-285, "eur"))]
    with transaction() as session:
        for session_id in gateway.world.checkouts:
            story.fulfil(session_id)
        book(session, "exchange", JournalKind.OTHER, utc_now(), exchanged)


class Book:
    """What a reader of GnuCash files finds, with nothing but the format's description."""

    def __init__(self, xml):
        self.root = ElementTree.fromstring(xml).find(f"{GNC}book")
        self.accounts = {one.find(f"{ACT}id").text: one for one in self.root.iter(f"{GNC}account")}
        self.transactions = list(self.root.iter(f"{GNC}transaction"))

    def path(self, account_id):
        account = self.accounts[account_id]
        parent = self.accounts[account.find(f"{ACT}parent").text]
        return account.find(f"{ACT}name").text, parent.find(f"{ACT}name").text.lower()

    def splits(self, movement):
        for split in movement.iter(f"{TRN}split"):
            value, quantity = (Fraction(split.find(f"{SPLIT}{name}").text) for name in ("value", "quantity"))
            assert value == quantity
            yield self.path(split.find(f"{SPLIT}account").text), value

    def ids(self):
        return [one.text for one in self.root.iter() if one.tag.endswith("}id") and one.get("type") == "guid"]


def journal(app, *words):
    said = app.test_cli_runner().invoke(args=["report", "journal", *words])
    assert said.exit_code == 0, said.output
    return said.output


def test_debits_equal_credits_and_every_account_holds_what_the_journal_says(app, moved, session):
    read, sums = Book(journal(app, "--format", "gnucash")), Counter()
    for movement in read.transactions:
        legs = list(read.splits(movement))
        assert sum(value for _, value in legs) == 0
        for path, value in legs:
            sums[path] += value

    told = {
        (account.value, currency): Fraction(decimal(Money(minor, currency)))
        for (account, currency), minor in balances(session).items()
        if minor
    }
    session.rollback()
    assert {path: value for path, value in sums.items() if value} == told
    assert {currency for _, currency in told} == {"eur", "jpy"}


def test_ids_never_change_and_are_each_used_once(app, moved, session):
    first, entries = Book(journal(app, "--format", "gnucash")), session.scalar(select(func.count()).select_from(Entry))
    session.rollback()

    assert first.ids() == Book(journal(app, "--format", "gnucash")).ids()
    assert len(set(first.ids())) == len(first.ids())
    assert sum(len(list(first.splits(one))) for one in first.transactions) == entries


def test_a_book_of_one_month_holds_that_month(app, moved):
    assert Book(journal(app, "2020-01", "--format", "gnucash")).transactions == []
    assert Book(journal(app, utc_now().strftime("%Y-%m"), "--format", "gnucash")).transactions != []


def test_every_currency_is_told_in_its_own_parts_and_read_back_so(app, moved, tmp_path):
    with transaction() as session:
        legs = [(Account.CASH, Money(1005, "kwd")), (Account.DONATION_INCOME, Money(-1005, "kwd"))]
        book(session, "dinars", JournalKind.OFFLINE, utc_now(), legs)
    path = tmp_path / "journal.gnucash"
    path.write_text(journal(app, "--format", "gnucash"), encoding="utf-8")
    read = gnewcash.GnuCashFile.read_file(path, gnewcash.XMLFileFormat).books[0]
    told = {(one.currency.commodity_id, split) for one in read.transactions for split in one.splits}

    parts = {(currency, split.quantity_denominator) for currency, split in told}
    assert parts == {("EUR", "100"), ("JPY", "1"), ("KWD", "1000")}
    amounts = {(split.account.name, split.amount) for currency, split in told if currency != "EUR"}
    assert amounts >= {("stripe", Decimal(500)), ("exchange", Decimal(-500)), ("cash", Decimal("1.005"))}
