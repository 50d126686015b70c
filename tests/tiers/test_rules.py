"""What a tier offers, and what a year of it spares."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from membership.clock import utc_now
from membership.money import Money
from membership.tiers.errors import AmountBelowPrice, AmountFixed, CouponUnusable, NotARise, RiseTooSoon
from membership.tiers.models import Coupon, Interval, Price, PriceKind, Tier
from membership.tiers.rules import (
    admit_coupon,
    admit_more,
    admit_rise,
    currencies_of,
    intervals_of,
    months_free,
    offers_of,
    open_prices,
    reduced,
)


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


def test_the_publications_own_currency_comes_first():
    tier = Tier(prices=[price(amount=Money(600, "chf")), price(amount=Money(600, "usd")), price()])

    assert currencies_of([tier], "eur") == ["eur", "chf", "usd"]


def test_intervals_are_offered_from_the_shortest():
    year, quarter = price(interval=Interval.YEAR), price(interval=Interval.QUARTER)

    assert intervals_of(offers_of([Tier(prices=[year, quarter])], "eur")) == [Interval.QUARTER, Interval.YEAR]


@given(minor=st.integers(1, 10_000), takes_more=st.booleans())
def test_nobody_gives_less_than_the_price_and_more_only_where_it_is_taken(minor, takes_more):
    amount, offered = Money(minor, "eur"), price(tier=Tier(takes_more=takes_more))
    try:
        admit_more(offered, amount)
    except (AmountBelowPrice, AmountFixed):
        assert amount < offered.amount or not takes_more
    else:
        assert amount == offered.amount or (takes_more and amount > offered.amount)


@pytest.mark.parametrize(
    ("after", "days", "refusal"), [(500, 40, NotARise), (400, 40, NotARise), (600, 29, RiseTooSoon)]
)
def test_a_rise_is_higher_and_told_in_time(after, days, refusal):
    now = utc_now()

    with pytest.raises(refusal):
        admit_rise(Money(500, "eur"), Money(after, "eur"), now + timedelta(days=days), now)


def coupon(**fields):
    defaults = {"percent_off": 50, "stripe_promotion_code_id": "promo_1"}
    return Coupon(**defaults | fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"retired_at": utc_now()},
        {"ends_at": utc_now()},
        {"tier_id": 2},
        {"percent_off": None, "amount_off_minor": 100, "amount_off_currency": "usd"},
        {"stripe_promotion_code_id": None},
        {"most_uses": 2, "uses": 2},
    ],
)
def test_a_code_counts_only_for_what_it_was_made_for(fields):
    with pytest.raises(CouponUnusable):
        admit_coupon(coupon(**fields), price(tier_id=1), utc_now())
    admit_coupon(coupon(tier_id=1, ends_at=utc_now() + timedelta(days=1)), price(tier_id=1), utc_now())


@given(percent=st.integers(1, 100), minor=st.integers(1, 99_999_999))
def test_a_share_is_taken_off_to_the_cent(percent, minor):
    left = reduced(coupon(percent_off=percent), Money(minor, "eur")).minor

    assert abs(left * 100 - minor * (100 - percent)) <= 50


def test_an_amount_off_leaves_nothing_negative():
    two = coupon(percent_off=None, amount_off_minor=200, amount_off_currency="eur")

    assert [reduced(two, Money(minor, "eur")).minor for minor in (500, 150)] == [300, 0]
