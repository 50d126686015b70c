"""Products, prices and coupons."""

from typing import Any

from membership.gateway.values import CouponWish
from membership.money import Money


def product(name: str, reference: str) -> Any:
    """Describe the product that stands for a tier."""
    return {"name": name, "metadata": {"reference": reference}}


def rhythm(interval: str) -> Any:
    """Describe an interval; Stripe calls a quarter three months."""
    return {"interval": "month", "interval_count": 3} if interval == "quarter" else {"interval": interval}


def coupon(wish: CouponWish) -> Any:
    """Describe what a coupon takes off."""
    off = {"percent_off": wish.off} if isinstance(wish.off, int) else _amount_off(wish.off)
    months = {"duration_in_months": wish.months} if wish.months else {}
    product = {"applies_to": {"products": [wish.product_id]}} if wish.product_id else {}
    return off | months | product | {"duration": wish.duration, "name": wish.code}


def _amount_off(amount: Money) -> dict[str, Any]:
    return {"amount_off": amount.minor, "currency": amount.currency}


def promotion_code(wish: CouponWish, coupon_id: str) -> Any:
    """Describe the code that gives a coupon."""
    uses = {"max_redemptions": wish.most_uses} if wish.most_uses else {}
    end = {"expires_at": int(wish.ends_at.timestamp())} if wish.ends_at else {}
    return uses | end | {"code": wish.code, "promotion": {"type": "coupon", "coupon": coupon_id}}


def price(product_id: str, amount: Money, interval: str, lookup_key: str) -> Any:
    """Describe a price that takes its lookup key over from the one before."""
    return {
        "product": product_id,
        "currency": amount.currency,
        "unit_amount": amount.minor,
        "recurring": rhythm(interval),
        "lookup_key": lookup_key,
        "transfer_lookup_key": True,
    }
