"""What a tier offers, and what a year of it spares."""

import pytest

from membership.clock import utc_now
from membership.money import Money
from membership.tiers.models import Interval, Price, PriceKind, Tier
from membership.tiers.rules import months_free, open_prices


@pytest.mark.parametrize(("year", "free"), [(5000, 2), (6000, 0), (5500, 1), (5400, 1), (9000, 0)])
def test_only_whole_months_are_called_free(year, free):
    assert months_free(Money(500, "eur"), Money(year, "eur")) == free


def price(**fields):
    return Price(
        **{
            "kind": PriceKind.LISTED,
            "interval": Interval.MONTH,
            "amount": Money(500, "eur"),
            "stripe_price_id": "price_1",
        }
        | fields
    )


def test_what_is_retired_foreign_or_unknown_to_the_provider_is_not_offered():
    month = price()
    others = [price(retired_at=utc_now()), price(amount=Money(600, "usd")), price(stripe_price_id=None)]

    assert open_prices(Tier(prices=[month, *others]), "eur") == {Interval.MONTH: month}
