"""Each claim of the contract is tried on the provider in memory and on Stripe's client before the sandbox."""

import pytest

from membership import clock
from tests.conftest import WEBHOOK_SECRET
from tests.gateway.providers import EUR5, InMemory, Sandboxed, key, subscription
from tests.sandbox.process import running_sandbox


@pytest.fixture(scope="package")
def sandboxed(tmp_path_factory):
    """Start one sandbox for all claims; whoever asks the time follows its clock."""
    file = tmp_path_factory.mktemp("sandbox") / "clock"
    with running_sandbox("http://127.0.0.1:9/webhooks/stripe", WEBHOOK_SECRET, clock_file=file, mode="drop") as sandbox:
        yield Sandboxed(sandbox), file


@pytest.fixture(params=["memory", pytest.param("sandbox", marks=pytest.mark.processes)])
def provider(request):
    if request.param == "memory":
        yield InMemory()
        return
    provider, file = request.getfixturevalue("sandboxed")
    clock.follow(file)
    yield provider
    clock.follow(None)


@pytest.fixture
def stripe_side(provider):
    """Give the payment gateway alone."""
    return provider.gateway


@pytest.fixture
def customer_id(stripe_side):
    return stripe_side.create_customer(email="reader@example.org", name="", reference="patron-1", key=key())


@pytest.fixture
def price_id(stripe_side):
    product_id = stripe_side.sync_product(None, name="Friend", reference="friend", key=key())
    return stripe_side.sync_price(product_id=product_id, amount=EUR5, interval="month", lookup_key=key(), key=key())


@pytest.fixture
def subscribe(provider, customer_id, price_id):
    """Subscribe a patron who pays with a card; return the subscription's id."""

    def go(card="4242424242424242"):
        opened = provider.gateway.open_subscription_checkout(subscription(customer_id, price_id), key=key())
        provider.pay(opened.id, card)
        return provider.gateway.get_checkout(opened.id).subscription_id

    return go


@pytest.fixture
def give(provider):
    """Give once; return the payment's id."""

    def go(wish):
        opened = provider.gateway.open_donation_checkout(wish, key=key())
        provider.pay(opened.id)
        return provider.gateway.get_checkout(opened.id).payment_intent_id

    return go
