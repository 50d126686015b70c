"""What both gateways promise about products and prices, so that the one in memory cannot drift from the real one."""

from datetime import timedelta

import pytest

from membership.gateway.errors import GatewayMissing
from membership.money import Money
from tests.gateway.providers import EUR5, key, subscription


def test_a_product_keeps_its_id_when_its_name_changes(stripe_side):
    made = stripe_side.sync_product(None, name="Friend", reference="friend", key=key())

    assert stripe_side.sync_product(made, name="Good friend", reference="friend", key=key()) == made
    with pytest.raises(GatewayMissing):
        stripe_side.sync_product("prod_nothing", name="Friend", reference="friend", key=key())


def test_a_price_is_made_once_and_again_when_its_terms_change(stripe_side):
    product_id = stripe_side.sync_product(None, name="Friend", reference="friend", key=key())
    terms = {"product_id": product_id, "amount": EUR5, "interval": "month", "lookup_key": key()}

    first = stripe_side.sync_price(**terms, key=key())

    assert stripe_side.sync_price(**terms, key=key()) == first
    second = stripe_side.sync_price(**terms | {"amount": Money(700, "eur")}, key=key())
    third = stripe_side.sync_price(**terms | {"interval": "year"}, key=key())
    assert len({first, second, third}) == 3


def test_a_yearly_price_is_paid_for_a_year(provider, stripe_side, customer_id):
    product_id = stripe_side.sync_product(None, name="Friend", reference="friend", key=key())
    terms = {"product_id": product_id, "amount": Money(5000, "eur"), "lookup_key": key()}
    price_id = stripe_side.sync_price(**terms, interval="year", key=key())
    opened = stripe_side.open_subscription_checkout(subscription(customer_id, price_id), key=key())

    provider.pay(opened.id)

    begun = stripe_side.get_subscription(stripe_side.get_checkout(opened.id).subscription_id)
    assert timedelta(days=364) < begun.period_ends_at - begun.period_starts_at < timedelta(days=367)
