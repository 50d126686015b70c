"""What stopped half-way is finished by the worker: same key, same words, never twice."""

from datetime import timedelta

import pytest
import time_machine

from membership.clock import utc_now
from membership.donations import handlers as donation_handlers
from membership.donations.models import Donation, DonationStatus
from membership.gateway.errors import GatewayUnreachable
from membership.gateway.values import CheckoutStatus
from membership.jobs.sweeping import MOST_FAILURES
from membership.subscriptions import handlers as subscription_handlers
from membership.subscriptions import service as subscriptions
from membership.subscriptions.errors import CheckoutReplaced
from membership.subscriptions.models import IntentStatus, Subscription, SubscriptionIntent
from membership.support import handlers
from tests.factories import make_donation, make_patron, make_price
from tests.subscriptions.making import rows

LATER = timedelta(minutes=3)


@pytest.fixture
def intent(session, context):
    return intend(session)


def intend(session, patron=None):
    intent = subscriptions.intend(
        session, patron or make_patron(session), make_price(session), source="/a", locale="uk"
    )
    session.commit()
    return intent


@pytest.fixture
def donation(session, context):
    donation = make_donation(session, locale="uk", expires_at=utc_now() + timedelta(hours=4))
    session.commit()
    return donation


def sweep(after=LATER):
    with time_machine.travel(utc_now() + after, tick=False):
        handlers.sweep({})


def keys(gateway):
    return [key for name, key in gateway.calls if name.startswith("open_")]


def test_wishes_whose_answer_was_lost_are_asked_again_with_the_same_key_and_words(session, intent, donation, gateway):
    gateway.answers_lost = True
    for ask in (lambda: subscription_handlers.open_checkout(intent.reference),
                lambda: donation_handlers.open_checkout(donation.id)):  # fmt: skip
        with pytest.raises(GatewayUnreachable):
            ask()
    gateway.answers_lost = False
    sweep()
    sweep()

    assert rows(session, SubscriptionIntent)[0].status is IntentStatus.OPEN
    assert rows(session, Donation)[0].status is DonationStatus.OPEN
    assert len(gateway.world.checkouts) == 2
    assert set(keys(gateway)) == {f"checkout:{intent.reference}", f"donation:{donation.reference}"}


def test_a_wish_that_may_still_be_waiting_for_its_answer_is_left_alone(session, intent, gateway):
    sweep(after=timedelta(minutes=1))

    assert gateway.calls == []


def test_wishes_that_it_is_too_late_to_ask_for_are_given_up(session, intent, donation, gateway):
    sweep(after=timedelta(hours=3, minutes=50))

    assert rows(session, SubscriptionIntent)[0].status is IntentStatus.FAILED
    assert rows(session, Donation)[0].status is DonationStatus.FAILED


def test_while_the_provider_is_away_wishes_wait(session, intent, gateway):
    gateway.unreachable = True

    with pytest.raises(GatewayUnreachable):
        sweep()
    assert rows(session, SubscriptionIntent)[0].status is IntentStatus.STARTED


def test_one_wish_without_an_answer_does_not_keep_the_others_waiting(session, intent, donation, gateway):
    gateway.silent_about = {f"checkout:{intent.reference}"}

    with pytest.raises(GatewayUnreachable):
        sweep()
    assert rows(session, SubscriptionIntent)[0].status is IntentStatus.STARTED
    assert rows(session, Donation)[0].status is DonationStatus.OPEN


def test_a_provider_that_answers_nothing_is_left_alone_after_a_few_tries(session, context, gateway):
    for _ in range(MOST_FAILURES + 2):
        make_donation(session, expires_at=utc_now() + timedelta(hours=4))
    session.commit()
    gateway.unreachable = True

    with pytest.raises(GatewayUnreachable):
        sweep()
    assert len(gateway.calls) == MOST_FAILURES


def test_what_was_paid_without_anybody_telling_us_is_found(session, intent, donation, gateway):
    sweep()
    (opened,), (gift,) = rows(session, SubscriptionIntent), rows(session, Donation)
    gateway.pay_checkout(opened.stripe_session_id)
    gateway.pay_checkout(gift.stripe_session_id)
    sweep(after=timedelta(hours=5))

    assert rows(session, SubscriptionIntent)[0].status is IntentStatus.COMPLETED
    assert rows(session, Donation)[0].status is DonationStatus.PAID
    assert len(rows(session, Subscription)) == 1


def test_what_was_left_is_closed_in_time(session, intent, donation, gateway):
    sweep()
    sweep(after=timedelta(hours=5))

    assert rows(session, SubscriptionIntent)[0].status is IntentStatus.EXPIRED
    assert rows(session, Donation)[0].status is DonationStatus.EXPIRED


def test_what_the_provider_forgot_is_closed(session, intent, donation, gateway):
    sweep()
    gateway.world.checkouts.clear()
    sweep(after=timedelta(hours=5))

    assert rows(session, SubscriptionIntent)[0].status is IntentStatus.EXPIRED
    assert rows(session, Donation)[0].status is DonationStatus.EXPIRED


def test_a_checkout_whose_wish_was_replaced_meanwhile_is_closed_and_not_offered(session, intent, gateway):
    patron = intent.patron
    second = intend(session, patron)
    subscription_handlers.open_checkout(second.reference)

    with pytest.raises(CheckoutReplaced):
        subscription_handlers.open_checkout(intent.reference)
    assert [one.status for one in gateway.world.checkouts.values()] == [CheckoutStatus.OPEN, CheckoutStatus.EXPIRED]


def test_an_event_s_checkout_is_recorded_by_its_job(session, donation, gateway):
    donation_handlers.open_checkout(donation.id)
    (gift,) = rows(session, Donation)
    gateway.pay_checkout(gift.stripe_session_id)
    handlers.fulfil({"session_id": gift.stripe_session_id})

    assert rows(session, Donation)[0].status is DonationStatus.PAID


def test_closing_what_is_closed_says_so(session, intent, gateway):
    subscription_handlers.open_checkout(intent.reference)
    (session_id,) = gateway.world.checkouts

    assert subscription_handlers.close_checkout(session_id)
    assert not subscription_handlers.close_checkout(session_id)
