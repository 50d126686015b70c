"""Prices, in our own words."""

from membership.gateway.translation.fields import Expanded, id_of
from membership.money import Money


def terms(price: Expanded) -> tuple[str | None, Money, str | None]:
    """Return what a price is about: product, amount and interval."""
    return id_of(price.product), Money(price.unit_amount, price.currency), _interval(price)


def _interval(price: Expanded) -> str | None:
    if not price.recurring:
        return None
    count = price.recurring.interval_count
    word = "quarter" if count == 3 and price.recurring.interval == "month" else price.recurring.interval
    return str(word) if count == 1 or word == "quarter" else f"{count} {word}s"
