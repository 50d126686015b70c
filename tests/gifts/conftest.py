import pytest

from tests.factories import make_price, make_tier
from tests.gifts.giving import Giving


@pytest.fixture
def giving(app, session, gateway, drain):
    tier = make_tier(session, slug="friend")
    make_price(session, tier=tier)
    session.commit()
    return Giving(app, session, gateway, drain)
