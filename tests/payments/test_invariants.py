"""The checks of payments find what they are for."""

import pytest
from sqlalchemy import select, text, update

from membership.db import session as reading
from membership.db import transaction
from membership.ledger.models import Account, JournalKind
from membership.ledger.service import book
from membership.money import Money
from membership.payments.invariants import INVARIANTS
from membership.payments.models import Payment, ReceiptCounter, Refund


def findings():
    reading().expire_all()
    return {name for name, find in INVARIANTS.items() if find(reading())}


@pytest.fixture(autouse=True)
def paid_and_refunded(story):
    story.fulfil(story.give())
    payment = reading().scalars(select(Payment)).one()
    story.gateway.refund(payment.stripe_payment_intent_id, Money(100, "eur"), reference="", key="1")
    story.fulfil(next(iter(story.gateway.world.checkouts)))


def test_a_sound_database_offends_nothing():
    assert findings() == set()


@pytest.mark.parametrize(
    ("change", "offended"),
    [
        (update(Payment).values(refunded_minor=99), {"I8 refunds add up", "I8 journal equals payments"}),
        (update(Refund).values(amount_currency="usd"), {"I8 refunds add up"}),
        (update(Payment).values(gross_minor=3000), {"I8 journal equals payments"}),
        (update(Payment).values(receipt_number="R-2020-000002"), {"I13 receipts without a gap"}),
        (update(ReceiptCounter).values(last=2), {"I13 receipts without a gap"}),
        (update(ReceiptCounter).values(year=2019), {"I13 receipts without a gap"}),
        (text("UPDATE payments SET gross_currency = 'xxx'"), {"I14 payment currencies known"}),
    ],
)
def test_what_is_wrong_is_found(change, offended):
    with transaction() as session:
        session.execute(change)

    assert offended <= findings()


def test_income_that_no_payment_explains_is_found():
    legs = [(Account.CLEARING, Money(5, "usd")), (Account.DONATION_INCOME, Money(-5, "usd"))]
    with transaction() as session:
        book(session, "from nowhere", JournalKind.OTHER, reading().scalars(select(Payment.paid_at)).one(), legs)

    assert findings() == {"I8 journal equals payments"}
