"""What a tier offers, what a year of it spares, what may be named above it, and when a price may rise."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from membership.i18n import format_money
from membership.money import Money, admit_charge, exponent_of
from membership.tiers.errors import AmountBelowPrice, AmountFixed, CouponUnusable, NotARise, RiseTooSoon
from membership.tiers.models import Coupon, Interval, Price, PriceKind, Tier

MONTHS_OF_A_YEAR = 12
# The flags that every newsroom has, and that our own pages know.
BUILT_IN = frozenset({"paywall_free", "no_ads", "no_appeals", "vote"})
# Told earlier than this, a rise is forgotten again; later than that, nobody has time to decide.
FIRST_NOTICE = timedelta(days=45)
LEAST_NOTICE = timedelta(days=30)


def open_prices(tier: Tier, currency: str, kind: PriceKind = PriceKind.LISTED) -> dict[Interval, Price]:
    """Return what the tier costs now, by interval; a price that the provider does not know yet cannot be paid."""
    mine = (price for price in tier.prices if price.amount.currency == currency and price.kind is kind)
    return {price.interval: price for price in mine if _is_open(price)}


def _is_open(price: Price) -> bool:
    return price.retired_at is None and price.stripe_price_id is not None


@dataclass(frozen=True, slots=True)
class Offer:
    """A tier with what it costs now, by interval."""

    tier: Tier
    prices: Mapping[Interval, Price]


def offers_of(tiers: Iterable[Tier], currency: str, kind: PriceKind = PriceKind.LISTED) -> list[Offer]:
    """Return the tiers that have a price of this kind in this currency."""
    found = [Offer(tier, open_prices(tier, currency, kind)) for tier in tiers]
    return [offer for offer in found if offer.prices]


def intervals_of(offers: Iterable[Offer]) -> list[Interval]:
    """Return how often some tier can be given, the shortest first."""
    found = {interval for offer in offers for interval in offer.prices}
    return sorted(found, key=lambda interval: interval.months)


def currencies_of(tiers: Iterable[Tier], default: str) -> list[str]:
    """Return the currencies that can be given in: the publication's own first, then those of the tiers' prices."""
    found = {default} | {price.amount.currency for tier in tiers for price in tier.prices if _is_open(price)}
    return sorted(found, key=lambda currency: (currency != default, currency))


def currencies_for_less(tiers: Collection[Tier], default: str) -> list[str]:
    """Return the currencies in which some tier is offered for less on trust, in the order of all of them."""
    return [one for one in currencies_of(tiers, default) if offers_of(tiers, one, PriceKind.CONCESSION)]


def months_free(month: Money, year: Money) -> int:
    """Return how many whole months a year's price spares against twelve months."""
    return max(0, (month * MONTHS_OF_A_YEAR - year).minor // month.minor)


def lookup_key(slug: str, interval: Interval, amount: Money) -> str:
    """Return the key of a price: it is never edited, so its amount belongs to it."""
    return f"{slug}_{interval}_{amount.minor}_{amount.currency}"


def admit_more(price: Price, amount: Money) -> None:
    """Raise AmountFixed, AmountBelowPrice or AmountNotChargeable unless a reader may give this instead of the price."""
    if not price.tier.takes_more and amount != price.amount:
        raise AmountFixed
    if amount < price.amount:
        raise AmountBelowPrice(least=format_money(price.amount, exponent_of(price.amount.currency)))
    admit_charge(amount, "more")


def admit_rise(before: Money, after: Money, takes_effect_at: datetime, now: datetime) -> None:
    """Raise NotARise or RiseTooSoon unless people can be told of a higher price in time."""
    if after <= before:
        raise NotARise
    if takes_effect_at < now + LEAST_NOTICE:
        raise RiseTooSoon(days=LEAST_NOTICE.days)


def admit_coupon(coupon: Coupon, price: Price, now: datetime) -> None:
    """Raise CouponUnusable unless the code counts for this price now."""
    is_over = coupon.retired_at is not None or (coupon.ends_at is not None and coupon.ends_at <= now)
    if is_over or coupon.is_used_up or not is_meant_for(coupon, price) or coupon.stripe_promotion_code_id is None:
        raise CouponUnusable


def is_meant_for(coupon: Coupon, price: Price) -> bool:
    """Whether a code takes something off this price: its tier, its currency."""
    is_for_another = coupon.tier_id not in {None, price.tier_id}
    is_foreign = coupon.amount_off_currency not in {None, price.amount.currency}
    return not is_for_another and not is_foreign


def reduced(coupon: Coupon, amount: Money) -> Money:
    """Return what is left of an amount; the provider rounds half a unit of a share away from us, and so do we."""
    if coupon.percent_off is not None:
        off = (amount.minor * coupon.percent_off + 50) // 100
    else:
        off = coupon.amount_off_minor or 0
    return Money(max(0, amount.minor - off), amount.currency)
