"""What a tier offers, and what a year of it spares."""

import pytest

from membership.clock import utc_now
from membership.money import Money
from membership.tiers.models import Interval, Price, Tier
from membership.tiers.rules import months_free, open_prices


@pytest.mark.parametrize(("year", "free"), [(5000, 2), (6000, 0), (5500, 1), (5400, 1), (9000, 0)])
def test_only_whole_months_are_called_free(year, free):
    assert months_free(Money(500, "eur"), Money(year, "eur")) == free


def test_retired_prices_and_other_currencies_are_not_offered():
    month = Price(interval=Interval.MONTH, amount=Money(500, "eur"))
    old = Price(interval=Interval.YEAR, amount=Money(5000, "eur"), retired_at=utc_now())
    foreign = Price(interval=Interval.MONTH, amount=Money(600, "usd"))

    assert open_prices(Tier(prices=[month, old, foreign]), "eur") == {Interval.MONTH: month}
