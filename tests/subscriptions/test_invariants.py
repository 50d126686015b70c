"""A sound database offends nothing; each invariant finds what offends it."""

from datetime import timedelta

import pytest

from membership.clock import utc_now
from membership.subscriptions import service
from membership.subscriptions.invariants import INVARIANTS
from membership.subscriptions.models import IntentStatus, InvoiceStatus, SubscriptionStatus
from tests.factories import make_invoice, make_patron, make_price, make_subscription


def two_live(session):
    first = make_subscription(session)
    make_subscription(session, patron=first.patron, price=first.price, is_surplus=True)


def ended_without_a_time(session):
    make_subscription(session, status=SubscriptionStatus.ENDED)


def paid_without_a_time(session):
    make_invoice(session, make_subscription(session, paid=False), status=InvoiceStatus.PAID, paid_at=None)


def left(session, status, ago):
    intent = service.intend(session, make_patron(session), make_price(session), source="", locale="en")
    intent.status, intent.expires_at = status, utc_now() - ago


def forgotten(session):
    left(session, IntentStatus.OPEN, timedelta(days=43))


def stuck(session):
    left(session, IntentStatus.STARTED, timedelta(minutes=1))


@pytest.mark.parametrize(
    ("name", "offend"),
    [("I3 ", two_live), ("I6 ended", ended_without_a_time), ("I6 paid", paid_without_a_time),
     ("I15", forgotten), ("I18", stuck)],
)  # fmt: skip
def test_each_invariant_finds_its_offender_and_nothing_else_does(session, name, offend):
    offend(session)
    session.flush()

    offended = [key for key, find in INVARIANTS.items() if find(session)]
    assert [key.startswith(name) for key in offended] == [True]


def test_a_sound_database_offends_nothing(session):
    make_subscription(session)
    make_subscription(session, status=SubscriptionStatus.ENDED, ended_at=utc_now())
    make_subscription(session, status=SubscriptionStatus.EXPIRED, paid=False)
    left(session, IntentStatus.OPEN, timedelta(days=41))
    session.flush()

    assert [find(session) for find in INVARIANTS.values()] == [[]] * len(INVARIANTS)
