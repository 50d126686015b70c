"""What the pages may claim."""

import pytest

from membership.donations.models import DonationStatus
from membership.gateway.values import CheckoutStatus
from membership.money import Money
from membership.subscriptions.models import IntentStatus
from membership.support import rules
from membership.support.forms import source_of
from membership.support.rules import Fate
from membership.tiers.models import Interval, Price, PriceKind, Tier
from membership.tiers.rules import offers_of

OURS = "https://daily.test"


def tier(slug, **prices):
    amounts = {Interval(interval): Money(minor, "eur") for interval, minor in prices.items()}
    known = {"stripe_price_id": "price_1", "kind": PriceKind.LISTED}
    return Tier(slug=slug, prices=[Price(interval=each, amount=amounts[each], **known) for each in amounts])


@pytest.mark.parametrize(
    ("status", "checkout", "fate"),
    [
        (IntentStatus.COMPLETED, None, Fate.PAID),
        (DonationStatus.PAID, CheckoutStatus.COMPLETE, Fate.PAID),
        (IntentStatus.OPEN, CheckoutStatus.OPEN, Fate.UNFINISHED),
        (DonationStatus.OPEN, CheckoutStatus.COMPLETE, Fate.CONFIRMING),
        (IntentStatus.OPEN, None, Fate.CONFIRMING),
        (DonationStatus.OPEN, CheckoutStatus.EXPIRED, Fate.CLOSED),
        (IntentStatus.EXPIRED, None, Fate.CLOSED),
        (DonationStatus.FAILED, CheckoutStatus.COMPLETE, Fate.REFUSED),
    ],
)
def test_the_fate_of_a_checkout_is_told_truthfully(status, checkout, fate):
    assert rules.fate_of(status, checkout) is fate


def test_only_what_has_a_price_is_offered():
    offers = offers_of([tier("friend", month=500, year=5000), tier("old")], "eur")

    assert rules.offered(offers) == {("friend", "month"), ("friend", "year")}
    assert offers_of([tier("friend", month=500)], "usd") == []


def test_a_year_is_said_to_spare_only_what_it_spares_with_every_tier():
    generous, mean, monthly = tier("a", month=500, year=5000), tier("b", month=500, year=5500), tier("c", month=500)

    assert rules.months_free_of(offers_of([generous, monthly], "eur")) == 2
    assert rules.months_free_of(offers_of([generous, mean], "eur")) == 1
    assert rules.months_free_of([]) == 0


def test_a_handful_of_readers_is_not_counted_aloud():
    assert (rules.readers_to_tell(9), rules.readers_to_tell(10)) == (None, 10)


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("https://daily.test/news/river?utm=x#top", "/news/river"),
        ("https://DAILY.test/a", "/a"),
        ("https://daily.test", ""),
        ("https://evil.test/news", ""),
        ("http://daily.test/news", ""),
        ("https://daily.test.evil.test/a", ""),
        ("https://daily.test@evil.test/a", ""),
        ("https://daily.test//evil.test/a", ""),
        ("javascript:alert(1)", ""),
        ("https://[", ""),
        ("https://daily.test/a\n", ""),
        ("", ""),
        ("https://daily.test/" + "a" * 300, "/" + "a" * 199),
    ],
)
def test_only_the_path_of_our_own_article_is_kept(address, source):
    assert source_of(address, [f"{OURS}/home"]) == source
