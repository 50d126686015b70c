"""Prices, in our own words."""

from membership.gateway.translation.fields import Expanded, id_of
from membership.money import Money


def terms(price: Expanded) -> tuple[str | None, Money, str | None]:
    """Return what a price is about: product, amount and interval."""
    interval = price.recurring.interval if price.recurring else None
    return id_of(price.product), Money(price.unit_amount, price.currency), interval
