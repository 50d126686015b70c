"""Products and prices."""

from typing import Any

from membership.money import Money


def product(name: str, reference: str) -> Any:
    """Describe the product that stands for a tier."""
    return {"name": name, "metadata": {"reference": reference}}


def price(product_id: str, amount: Money, interval: str, lookup_key: str) -> Any:
    """Describe a price that takes its lookup key over from the one before."""
    return {
        "product": product_id,
        "currency": amount.currency,
        "unit_amount": amount.minor,
        "recurring": {"interval": interval},
        "lookup_key": lookup_key,
        "transfer_lookup_key": True,
    }
