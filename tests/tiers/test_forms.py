"""What a command says about a tier: read exactly, or refused."""

import pytest

from membership.errors import Invalid
from membership.money import AmountNotChargeable, Money
from membership.tiers.forms import read_flags, read_off, read_prices, read_slug
from membership.tiers.models import Interval


def test_prices_are_read_by_interval():
    prices = read_prices("month=5.00eur, year=50eur")

    assert prices == ((Interval.MONTH, Money(500, "eur")), (Interval.YEAR, Money(5000, "eur")))


BAD_PRICES = ["", "5eur", "week=5eur", "month=5", "month=5xxx", "month=0eur", "month=-5eur", "month=5.001eur"]


@pytest.mark.parametrize("text", [*BAD_PRICES, "month=3.505kwd", "month=1e3eur", "month=٥eur"])
def test_a_price_that_is_not_one_is_refused(text):
    with pytest.raises(Invalid):
        read_prices(text)


@pytest.mark.parametrize("slug", ["", "Friend", "a b", "-a", "a--b", "a/b", "a" * 41])
def test_a_slug_that_is_not_one_is_refused(slug):
    with pytest.raises(Invalid):
        read_slug(slug)


def test_no_finer_amount_is_taken_than_the_provider_takes():
    assert read_off("1.010kwd") == Money(1010, "kwd")
    with pytest.raises(AmountNotChargeable):
        read_off("1.005kwd")


def test_flags_are_small_words():
    assert read_flags(["vote", "no_ads"]) == ("vote", "no_ads")
    with pytest.raises(Invalid):
        read_flags(["<b>"])


def test_a_plain_slug_is_kept():
    assert read_slug("good-friend-2") == "good-friend-2"
