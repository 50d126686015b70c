"""What a tier offers, and what a year of it spares."""

from membership.money import Money
from membership.tiers.models import Interval, Price, Tier

MONTHS_OF_A_YEAR = 12


def open_prices(tier: Tier, currency: str) -> dict[Interval, Price]:
    """Return what the tier costs now, by interval; a price that the provider does not know yet cannot be paid."""
    return {price.interval: price for price in tier.prices if price.amount.currency == currency and _is_open(price)}


def _is_open(price: Price) -> bool:
    return price.retired_at is None and price.stripe_price_id is not None


def months_free(month: Money, year: Money) -> int:
    """Return how many whole months a year's price spares against twelve months."""
    return max(0, (month * MONTHS_OF_A_YEAR - year).minor // month.minor)
