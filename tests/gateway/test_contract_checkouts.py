"""What both gateways promise about checkouts, so that the one in memory cannot drift from the real one."""

from dataclasses import replace
from datetime import timedelta

import pytest

from membership.clock import utc_now
from membership.gateway.errors import GatewayMissing, GatewayRefused
from membership.gateway.values import CheckoutStatus
from membership.money import Money
from tests.gateway.providers import DECLINED, donation, key, subscription

MINUTE = timedelta(minutes=1)


def test_a_customer_asked_for_twice_under_one_key_is_one(stripe_side):
    asked = {"email": "a@example.org", "name": "Ada", "reference": "patron-2", "key": key()}

    assert stripe_side.create_customer(**asked) == stripe_side.create_customer(**asked)


def test_another_request_under_a_used_key_is_refused(stripe_side):
    wish, used = donation(), key()
    stripe_side.open_donation_checkout(wish, key=used)

    with pytest.raises(GatewayRefused):
        stripe_side.open_donation_checkout(replace(wish, amount=Money(2100, "eur")), key=used)


def test_an_open_subscription_checkout_holds_our_reference_and_no_money(stripe_side, customer_id, price_id):
    wish = subscription(customer_id, price_id)

    opened = stripe_side.open_subscription_checkout(wish, key=key())

    assert opened == stripe_side.get_checkout(opened.id)
    assert (opened.status, opened.is_paid, opened.mode) == (CheckoutStatus.OPEN, False, "subscription")
    assert (opened.reference, opened.customer_id) == (wish.reference, customer_id)
    assert (opened.subscription_id, opened.payment_intent_id) == (None, None)
    assert opened.url.startswith("http")
    assert abs(opened.created_at - utc_now()) < MINUTE


def test_an_open_donation_checkout_holds_our_reference_and_no_money(stripe_side):
    wish = donation()

    opened = stripe_side.open_donation_checkout(wish, key=key())

    assert (opened.status, opened.is_paid, opened.mode) == (CheckoutStatus.OPEN, False, "payment")
    assert (opened.reference, opened.customer_id, opened.subscription_id) == (wish.reference, None, None)


def test_a_checkout_asked_for_twice_under_one_key_is_one(stripe_side):
    wish, used = donation(), key()

    first = stripe_side.open_donation_checkout(wish, key=used)

    assert stripe_side.open_donation_checkout(wish, key=used) == first


@pytest.mark.parametrize("life", [timedelta(minutes=20), timedelta(hours=25)])
def test_a_checkout_lives_from_half_an_hour_to_a_day(stripe_side, life):
    with pytest.raises(GatewayRefused):
        stripe_side.open_donation_checkout(donation(expires_at=utc_now() + life), key=key())


def test_a_stranger_cannot_subscribe(stripe_side, price_id):
    with pytest.raises(GatewayMissing):
        stripe_side.open_subscription_checkout(subscription("cus_nobody", price_id), key=key())


def test_a_declined_card_leaves_the_checkout_open(provider, stripe_side):
    opened = stripe_side.open_donation_checkout(donation(), key=key())

    provider.pay(opened.id, DECLINED)

    checkout = stripe_side.get_checkout(opened.id)
    assert (checkout.status, checkout.is_paid, checkout.url) == (CheckoutStatus.OPEN, False, opened.url)


def test_an_open_checkout_can_be_expired_once(stripe_side):
    opened = stripe_side.open_donation_checkout(donation(), key=key())

    expired = stripe_side.expire_checkout(opened.id)

    assert (expired.status, expired.url) == (CheckoutStatus.EXPIRED, None)
    with pytest.raises(GatewayRefused):
        stripe_side.expire_checkout(opened.id)


def test_a_paid_checkout_cannot_be_expired(provider, stripe_side):
    opened = stripe_side.open_donation_checkout(donation(), key=key())
    provider.pay(opened.id)

    with pytest.raises(GatewayRefused):
        stripe_side.expire_checkout(opened.id)


def test_a_customer_is_deleted_once(stripe_side, customer_id):
    stripe_side.delete_customer(customer_id)

    with pytest.raises(GatewayMissing):
        stripe_side.delete_customer(customer_id)
