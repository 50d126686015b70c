"""Tiers: offered, retired, never edited."""

import pytest

from membership.clock import utc_now
from membership.money import Money
from membership.tiers import service
from membership.tiers.errors import TierExists, TierRetired, UnknownTier
from membership.tiers.models import Interval
from tests.factories import make_price, make_tier

DRAFT = service.TierDraft(
    slug="friend",
    name={"en": "Friend", "uk": "Друг"},
    summary={"en": "A coffee", "uk": "Кава"},
    benefits={"en": ["Read"], "uk": ["Читати"]},
    flags=("vote",),
    prices=((Interval.MONTH, Money(500, "eur")), (Interval.YEAR, Money(5000, "eur"))),
)


def test_a_new_tier_is_offered_with_its_prices(session):
    service.add_tier(session, DRAFT)

    price = service.get_open_price(session, "friend", Interval.YEAR, "eur")
    assert (price.amount, price.lookup_key) == (Money(5000, "eur"), "friend_year_5000_eur")
    assert [tier.slug for tier in service.list_open_tiers(session)] == ["friend"]


def test_two_tiers_never_share_a_slug(session):
    service.add_tier(session, DRAFT)

    with pytest.raises(TierExists):
        service.add_tier(session, DRAFT)


def test_a_retired_tier_takes_nobody_new(session):
    price = make_price(session)
    service.retire_tier(session, price.tier.slug, utc_now())

    with pytest.raises(TierRetired):
        service.get_open_price(session, price.tier.slug, Interval.MONTH, "eur")
    assert service.list_open_tiers(session) == []
    assert service.list_tiers(session) == [price.tier]


def test_retiring_twice_keeps_the_first_day(session):
    tier = make_tier(session)
    first = service.retire_tier(session, tier.slug, utc_now()).retired_at

    assert service.retire_tier(session, tier.slug, utc_now()).retired_at == first


@pytest.mark.parametrize(
    ("slug", "interval", "currency"), [("no", "month", "eur"), ("", "year", "eur"), ("", "month", "usd")]
)
def test_what_is_not_offered_is_unknown(session, slug, interval, currency):
    price = make_price(session)

    with pytest.raises(UnknownTier):
        service.get_open_price(session, slug or price.tier.slug, Interval(interval), currency)


def test_a_retired_price_is_no_longer_offered_but_still_known(session):
    price = make_price(session, retired_at=utc_now())

    with pytest.raises(UnknownTier):
        service.get_open_price(session, price.tier.slug, Interval.MONTH, "eur")
    assert service.find_prices_of(session, {price.stripe_price_id}) == {price.stripe_price_id: price}
