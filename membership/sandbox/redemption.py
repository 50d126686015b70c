"""Whether a coupon or a code may be used, and by whom."""

from membership.sandbox.errors import ApiError
from membership.sandbox.objects import discounts
from membership.sandbox.store import Object
from membership.sandbox.world import World


def coupon_of(world: World, given: Object, at: str) -> tuple[Object, Object | None]:
    """Return the coupon that parameters name, and the code they name it by."""
    if "promotion_code" in given:
        code = world.store.get("promotion_code", given["promotion_code"], f"{at}[promotion_code]")
        return world.store.get("coupon", code["promotion"]["coupon"]), code
    return world.store.get("coupon", given.get("coupon", ""), f"{at}[coupon]"), None


def check(
    world: World, coupon: Object, code: Object | None, *, customer: str | None, total: int, currency: str
) -> None:
    """Refuse a coupon or a code that is used up, over, or meant for others; `total` is what is bought with it."""
    if not is_usable(world, coupon):
        raise ApiError(f"Coupon {coupon['id']} is used up or expired.", code="coupon_expired", param="coupon")
    if code is None:
        return
    if not code["active"] or not is_usable(world, code) or code["customer"] not in {None, customer}:
        raise ApiError("This promotion code cannot be redeemed.", param="promotion_code")
    limits = code["restrictions"]
    if limits["first_time_transaction"] and _has_paid(world, customer):
        message = "This promotion code cannot be redeemed because the associated customer has prior transactions."
        raise ApiError(message, param="promotion_code")
    if limits["minimum_amount"] and (limits["minimum_amount_currency"] != currency or total < limits["minimum_amount"]):
        message = "This promotion code cannot be redeemed because the minimum amount is not reached."
        raise ApiError(message, param="promotion_code")


def is_usable(world: World, thing: Object) -> bool:
    """Tell whether a coupon or code has not ended, and has not been used as often as it may be."""
    ends = thing.get("redeem_by") or thing.get("expires_at")
    is_used_up = thing["max_redemptions"] is not None and thing["times_redeemed"] >= thing["max_redemptions"]
    return thing.get("valid", True) and not is_used_up and (ends is None or ends > world.now())


def redeem(world: World, discount: Object) -> None:
    """Count that a discount has been given, and tell."""
    for kind, id in (("coupon", discount["source"]["coupon"]), ("promotion_code", discount["promotion_code"])):
        thing = world.store.find(kind, id or "")
        if thing:
            thing["times_redeemed"] += 1
            if kind == "coupon":
                thing["valid"] = is_usable(world, thing)
    world.emit("customer.discount.created", discount)


def grant(world: World, subscription: Object, coupon: Object, code: Object | None) -> str:
    """Make a discount for a subscription and return its id; it counts once it is redeemed."""
    discount = discounts.discount(world, coupon, code["id"] if code else None, subscription)
    world.store.add(discount, currency=subscription["currency"])
    return str(discount["id"])


def _has_paid(world: World, customer: str | None) -> bool:
    return customer is not None and any(world.store.where("charge", customer=customer, paid=True))
