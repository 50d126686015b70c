"""The wish to subscribe: one waits at a time, the same wish is asked once."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from membership.clock import utc_now
from membership.mail.models import Letter
from membership.subscriptions import service
from membership.subscriptions.errors import (
    AlreadySubscribed,
    CheckoutReplaced,
    NoSubscription,
    UnknownIntent,
    UnknownSubscription,
)
from membership.subscriptions.models import IntentStatus, SubscriptionStatus
from membership.tiers.errors import TierRetired
from tests.factories import make_patron, make_price, make_subscription
from tests.subscriptions.making import CHECKOUT


def wish(session, patron, price=None):
    return service.intend(session, patron, price or make_price(session), source="/article", locale="en")


@pytest.fixture
def patron(session):
    return make_patron(session)


def test_the_same_wish_is_the_same_intent(session, patron):
    price = make_price(session)

    assert wish(session, patron, price) is wish(session, patron, price)


def test_another_wish_replaces_one_that_got_no_answer(session, patron):
    first = wish(session, patron)
    second = wish(session, patron)

    assert (first.status, second.status) == (IntentStatus.EXPIRED, IntentStatus.STARTED)
    assert first.reference != second.reference


def test_two_checkouts_that_can_be_paid_never_stand_side_by_side(session, patron):
    first = wish(session, patron)
    service.record_checkout(session, first.reference, CHECKOUT)

    with pytest.raises(CheckoutReplaced):
        wish(session, patron)
    assert service.find_waiting(session, patron.id) == service.Waiting("cs_1", first.price_id, None, "")


def test_another_browser_is_told_of_a_wish_only_once_there_is_a_checkout_to_tell_of(session, patron):
    first = wish(session, patron)
    is_waiting = service.remind_of_checkout(session, patron, "another browser")
    before = session.scalars(select(Letter)).all()
    service.record_checkout(session, first.reference, CHECKOUT)
    service.remind_of_checkout(session, patron, "another browser")

    assert (is_waiting, before) == (True, [])
    assert [letter.kind for letter in session.scalars(select(Letter))] == ["checkout_waiting"]


def test_a_closed_checkout_makes_room(session, patron):
    first = wish(session, patron)
    service.record_checkout(session, first.reference, CHECKOUT)
    service.expire_checkout(session, "cs_1")

    assert service.find_waiting(session, patron.id) is None
    assert wish(session, patron) is not first


def test_who_gives_already_is_not_charged_twice(session):
    subscription = make_subscription(session)

    with pytest.raises(AlreadySubscribed):
        wish(session, subscription.patron)


def test_a_first_payment_that_failed_does_not_block_another_try(session):
    subscription = make_subscription(session, status=SubscriptionStatus.INCOMPLETE, paid=False)

    assert wish(session, subscription.patron).status is IntentStatus.STARTED
    assert not service.remind_of_subscription(session, subscription.patron, utc_now())


def test_a_retired_tier_takes_no_wishes(session, patron):
    price = make_price(session)
    price.tier.retired_at = utc_now()

    with pytest.raises(TierRetired):
        wish(session, patron, price)


def test_an_intent_that_was_replaced_stays_replaced_when_its_answer_comes(session, patron):
    first = wish(session, patron)
    wish(session, patron)

    assert service.record_checkout(session, first.reference, CHECKOUT).status is IntentStatus.EXPIRED
    assert service.find_intent_by_session(session, "cs_1") is first


def test_a_paid_intent_is_never_called_expired_or_failed(session, patron):
    intent = wish(session, patron)
    service.complete_intent(intent)
    service.expire_intent(intent)
    service.fail_intent(session, intent.reference)

    assert intent.status is IntentStatus.COMPLETED


def test_a_refused_intent_makes_room(session, patron):
    intent = wish(session, patron)
    service.fail_intent(session, intent.reference)

    assert wish(session, patron, intent.price) is not intent


@pytest.mark.parametrize("act", [service.get_intent, service.fail_intent, service.expire_checkout])
def test_an_unknown_reference_is_refused(session, act):
    with pytest.raises(UnknownIntent):
        act(session, "sub_nothing")


def test_what_is_stuck_and_what_is_overdue_is_listed(session, patron):
    now = utc_now()
    stuck = wish(session, patron)
    opened = wish(session, make_patron(session))
    service.record_checkout(session, opened.reference, CHECKOUT)

    assert service.list_stuck_intents(session, now + timedelta(minutes=3)) == [stuck.reference]
    assert service.list_stuck_intents(session, now - timedelta(minutes=2)) == []
    assert service.list_overdue_sessions(session, now) == []
    assert service.list_overdue_sessions(session, opened.expires_at + timedelta(seconds=1)) == ["cs_1"]


def test_the_first_customer_stays(session, patron):
    service.record_customer(session, patron.id, "cus_1")
    service.record_customer(session, patron.id, "cus_2")

    assert patron.stripe_customer_id == "cus_1"


def test_changes_are_planned_for_what_is_there(session, patron):
    with pytest.raises(NoSubscription):
        service.plan_stop(session, patron.id)
    with pytest.raises(UnknownSubscription):
        service.plan_end(session, "sub_nothing")


def test_the_key_of_a_change_names_the_state_that_it_changes(session):
    subscription = make_subscription(session, stripe_subscription_id="sub_9")

    assert service.plan_stop(session, subscription.patron_id) == service.Change("sub_9", "cancel:sub_9:1", True)
    assert not service.plan_continuation(session, subscription.patron_id).is_needed
    assert service.plan_end(session, "sub_9").is_needed
