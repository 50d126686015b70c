"""Coupons, the codes that stand for them, and the discounts that they give."""

from membership.sandbox import periods
from membership.sandbox.objects import nulls
from membership.sandbox.store import Object
from membership.sandbox.world import World


def coupon(world: World, **given: object) -> Object:
    """Render a new coupon with what was given."""
    own = {
        "id": world.store.new_id("coupon"),
        "object": "coupon",
        "created": world.now(),
        "duration": "once",
        "livemode": False,
        "metadata": {},
        "times_redeemed": 0,
        "valid": True,
    }
    return nulls("amount_off currency duration_in_months max_redemptions name percent_off redeem_by") | own | given


def promotion_code(world: World, coupon: str, **given: object) -> Object:
    """Render a code that readers type."""
    id = world.store.new_id("promotion_code")
    own = {
        "id": id,
        "object": "promotion_code",
        "active": True,
        "code": id[-8:].upper(),
        "created": world.now(),
        "livemode": False,
        "metadata": {},
        "promotion": {"coupon": coupon, "type": "coupon"},
        "restrictions": {"first_time_transaction": False, "minimum_amount": None, "minimum_amount_currency": None},
        "times_redeemed": 0,
    }
    return nulls("customer customer_account expires_at max_redemptions") | own | given


def discount(world: World, coupon: Object, code: str | None, subscription: Object) -> Object:
    """Render what a coupon takes off a subscription from now on."""
    ends = None
    if coupon["duration"] == "repeating":
        ends = periods.after(world.now(), "month", coupon["duration_in_months"])
    own = {
        "id": world.store.new_id("discount"),
        "object": "discount",
        "customer": subscription["customer"],
        "end": ends,
        "promotion_code": code,
        "source": {"coupon": coupon["id"], "type": "coupon"},
        "start": world.now(),
        "subscription": subscription["id"],
    }
    return nulls("checkout_session customer_account invoice invoice_item subscription_item") | own
