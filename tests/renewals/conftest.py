import pytest

from membership.db import session as reading
from membership.subscriptions.models import Subscription
from tests.payments.story import Story
from tests.subscriptions.making import sign_in


@pytest.fixture
def story(context, gateway):
    return Story(gateway)


@pytest.fixture
def olena(story):
    return story.patron(name="Olena")


@pytest.fixture
def order(story, olena):
    """Let Olena give five euros a month, paid and recorded; return the id at the provider."""
    checkout = story.gateway.pay_checkout(story.open_subscription(olena).id)
    story.fulfil(checkout.id)
    return checkout.subscription_id


@pytest.fixture
def reader(client, session, olena, order):
    """Sign Olena in."""
    sign_in(client, session, olena)
    return client


@pytest.fixture
def row():
    """Read a subscription as it is committed."""

    def read(stripe_id):
        reading().rollback()
        reading().expire_all()
        return reading().query(Subscription).filter_by(stripe_subscription_id=stripe_id).one()

    return read
