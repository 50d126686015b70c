"""One-off gifts: asked once, paid once, never unpaid again."""

from datetime import timedelta

import pytest

from membership.clock import utc_now
from membership.donations import service
from membership.donations.errors import DonationTooSmall, UnknownDonation
from membership.donations.models import DonationStatus
from membership.money import Money
from tests.factories import make_donation
from tests.subscriptions.making import CHECKOUT


def intend(session, minor=500, email="olena@example.org", **fields):
    told = {"patron_id": None, "source": "/a", "locale": "en"} | fields
    return service.intend(session, service.DonationDraft(amount=Money(minor, "eur"), email=email, **told))


def test_a_wish_that_got_no_answer_is_the_same_wish_when_pressed_again(session):
    assert intend(session) is intend(session)


def test_another_amount_or_donor_is_another_wish(session):
    references = {
        found.reference for found in (intend(session), intend(session, 600), intend(session, email="b@b.org"))
    }

    assert len(references) == 3


def test_giving_the_same_again_is_a_second_gift(session):
    first = intend(session)
    service.record_checkout(session, first.id, CHECKOUT)

    assert intend(session) is not first


def test_too_little_is_refused_before_anything_is_written(session):
    with pytest.raises(DonationTooSmall):
        intend(session, 199)


def test_what_is_paid_stays_paid(session):
    donation, now = intend(session), utc_now()
    service.record_paid(donation, "pi_1", now)
    service.record_paid(donation, "pi_2", now + timedelta(days=1))
    service.record_expired(donation)
    service.record_failed(donation)
    service.record_checkout(session, donation.id, CHECKOUT)

    assert (donation.status, donation.paid_at, donation.stripe_payment_intent_id) == (DonationStatus.PAID, now, "pi_1")
    assert service.find_donation_by_session(session, "cs_1") is donation
    assert service.find_donation_by_reference(session, donation.reference) is donation


def test_what_was_refused_or_closed_is_marked(session):
    refused, closed = intend(session), make_donation(session, stripe_session_id="cs_2", status=DonationStatus.OPEN)
    service.fail_donation(session, refused.id)
    service.expire_checkout(session, "cs_2")

    assert (refused.status, closed.status) == (DonationStatus.FAILED, DonationStatus.EXPIRED)


def test_unknown_gifts_are_refused(session):
    with pytest.raises(UnknownDonation):
        service.get_donation(session, 4711)
    with pytest.raises(UnknownDonation):
        service.expire_checkout(session, "cs_nothing")


def test_what_is_stuck_and_what_is_overdue_is_listed(session):
    now = utc_now()
    stuck = intend(session)
    make_donation(session, status=DonationStatus.OPEN, stripe_session_id="cs_9", expires_at=now - timedelta(minutes=1))

    assert service.list_stuck_donations(session, now + timedelta(minutes=3)) == [stuck.id]
    assert service.list_overdue_sessions(session, now) == ["cs_9"]
