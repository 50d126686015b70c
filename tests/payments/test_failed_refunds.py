"""Refunds that fail after they seemed to be done: whoever paid is told once that the money did not arrive."""

import pytest
from sqlalchemy import select

from membership.db import session as reading
from membership.donations.models import Purpose
from membership.mail.models import Letter
from membership.payments import fulfilment
from tests.payments.story import FIVE, TWENTY


@pytest.fixture(autouse=True)
def _sound(story, sound_books):
    """Ask every invariant after each test."""


def let_fail(story, payment_intent_id, amount, *, times=2, quiet=False):
    refund = story.gateway.refund(payment_intent_id, amount, reference="", key="1")
    story.record(fulfilment.look_up_refund(story.gateway, refund.id))
    story.gateway.fail_refund(refund.id)
    for _ in range(times):
        story.record(fulfilment.look_up_refund(story.gateway, refund.id), quiet=quiet)


def told():
    reading().rollback()
    return list(reading().scalars(select(Letter).filter_by(kind="refund_failed")))


def give(story, **wish):
    checkout = story.give(email="g@example.org", **wish)
    story.fulfil(checkout)
    return story.gateway.get_checkout(checkout).payment_intent_id


@pytest.mark.parametrize("purpose", Purpose)
def test_whoever_gave_once_is_told_once(story, purpose):
    let_fail(story, give(story, purpose=purpose), TWENTY)

    (letter,) = told()
    assert (letter.recipient, letter.values["amount"]["minor"]) == ("g@example.org", 2000)
    assert letter.values["is_membership"] is (purpose is Purpose.MEMBERSHIP)


def test_a_part_of_a_gift_that_fails_changes_nothing_of_the_membership(story):
    let_fail(story, give(story, purpose=Purpose.MEMBERSHIP), FIVE)

    assert [letter.values["is_membership"] for letter in told()] == [False]


def test_a_patron_is_told_whose_payment_it_is(story):
    checkout = story.gateway.pay_checkout(story.open_subscription().id)
    story.fulfil(checkout.id)
    (invoice,) = story.gateway.list_invoices_of(checkout.subscription_id)
    let_fail(story, invoice.payment_intent_ids[0], invoice.total)

    assert [letter.values["tier"]["en"] for letter in told()] == ["Friend"]


def test_what_is_mended_quietly_is_told_to_nobody(story):
    let_fail(story, give(story), TWENTY, quiet=True)

    assert told() == []
