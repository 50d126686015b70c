"""Products, prices, and the plan that a subscription's item still shows."""

from membership.sandbox.objects import nulls
from membership.sandbox.store import Object
from membership.sandbox.world import World

RECURRING = {"interval_count": 1, "meter": None, "trial_period_days": None, "usage_type": "licensed"}


def product(world: World, **given: object) -> Object:
    """Render a new product with what was given."""
    own = {
        "id": world.store.new_id("product"),
        "object": "product",
        "active": True,
        "created": world.now(),
        "images": [],
        "livemode": False,
        "marketing_features": [],
        "metadata": {},
        "type": "service",
        "updated": world.now(),
    }
    empty = nulls("default_price description package_dimensions shippable statement_descriptor tax_code unit_label url")
    return own | empty | given


def price(world: World, *, currency: str, unit_amount: int, product: str, **given: object) -> Object:
    """Render a new price with what was given; `recurring` needs only an interval."""
    recurring = given.pop("recurring", None)
    own = {
        "id": world.store.new_id("price"),
        "object": "price",
        "active": True,
        "billing_scheme": "per_unit",
        "created": world.now(),
        "currency": currency,
        "livemode": False,
        "metadata": {},
        "product": product,
        "recurring": RECURRING | recurring if isinstance(recurring, dict) else None,
        "tax_behavior": "unspecified",
        "type": "recurring" if recurring else "one_time",
        "unit_amount": unit_amount,
        "unit_amount_decimal": str(unit_amount),
    }
    return own | nulls("custom_unit_amount lookup_key nickname tiers_mode transform_quantity") | given


def amount_in(world: World, price: Object, currency: str) -> int | None:
    """Return what a price asks in a currency, if it knows it."""
    if price["currency"] == currency:
        return int(price["unit_amount"])
    options = world.store.untold.get(price["id"], {}).get("currency_options", {})
    return int(options[currency]["unit_amount"]) if currency in options else None


def rhythm_of(price: Object) -> tuple[str, int]:
    """Return how often a recurring price is asked for: interval and count."""
    return price["recurring"]["interval"], price["recurring"]["interval_count"]


def plan(price: Object) -> Object:
    """Render a recurring price as the plan that it replaced."""
    shared = ("id", "active", "billing_scheme", "created", "currency", "livemode", "metadata", "nickname", "product")
    rhythm = ("interval", "interval_count", "meter", "trial_period_days", "usage_type")
    own = {"object": "plan", "amount": price["unit_amount"], "amount_decimal": price["unit_amount_decimal"]}
    return (
        own
        | {name: price[name] for name in shared}
        | {name: price["recurring"][name] for name in rhythm}
        | nulls("tiers_mode transform_usage")
    )


def currency_option(unit_amount: int, tax_behavior: str) -> Object:
    """Render what a price asks in one of its currencies."""
    own = {"tax_behavior": tax_behavior, "unit_amount": unit_amount, "unit_amount_decimal": str(unit_amount)}
    return own | {"custom_unit_amount": None}
