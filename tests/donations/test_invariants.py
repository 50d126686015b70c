"""A sound database offends nothing; each invariant finds what offends it."""

from datetime import timedelta

import pytest

from membership.clock import utc_now
from membership.donations.invariants import INVARIANTS
from membership.donations.models import DonationStatus
from tests.factories import make_donation


@pytest.mark.parametrize(
    ("name", "status", "ago"),
    [("I4 ", DonationStatus.PAID, timedelta()), ("I15", DonationStatus.OPEN, timedelta(days=15)),
     ("I18", DonationStatus.STARTED, timedelta(minutes=1))],
)  # fmt: skip
def test_each_invariant_finds_its_offender_and_nothing_else_does(session, name, status, ago):
    now = utc_now()
    make_donation(session, status=status, expires_at=now - ago, paid_at=now if status == "paid" else None)

    offended = [key for key, find in INVARIANTS.items() if find(session)]
    assert [key.startswith(name) for key in offended] == [True]


def test_a_sound_database_offends_nothing(session):
    now = utc_now()
    make_donation(session)
    make_donation(session, status=DonationStatus.OPEN, expires_at=now - timedelta(days=1))
    make_donation(session, status=DonationStatus.PAID, paid_at=now, stripe_payment_intent_id="pi_1")

    assert [find(session) for find in INVARIANTS.values()] == [[]] * len(INVARIANTS)
