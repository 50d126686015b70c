"""What a checkout session comes to: its items in its currency, less what a coupon takes off, and nothing in a trial."""

from membership.sandbox import redemption
from membership.sandbox.billing import discounting
from membership.sandbox.currencies import check_step
from membership.sandbox.errors import ApiError, Missing
from membership.sandbox.objects.catalogue import amount_in
from membership.sandbox.store import Object
from membership.sandbox.world import World

LEAST_MINOR, MOST_MINOR = 50, 99_999_999


def reckon(world: World, session: Object) -> None:
    """Write the sums of a session's items, and of the session."""
    untold = world.store.untold[session["id"]]
    items, coupon = untold["items"], world.store.find("coupon", untold["coupon"] or "")
    amounts = [0 if untold["trial"] else _amount(world, item, session["currency"]) for item in items]
    taken = [0] * len(items)
    if coupon:
        products = [item["price"]["product"] for item in items]
        taken = discounting.taken(world, coupon, amounts, products, session["currency"])
    for item, amount, off in zip(items, amounts, taken, strict=True):
        item |= {"amount_discount": off, "amount_subtotal": amount, "amount_total": amount - off}
    session |= {
        "amount_subtotal": sum(amounts),
        "amount_total": sum(amounts) - sum(taken),
        "discounts": [{"coupon": untold["coupon"], "promotion_code": untold["code"]}] if coupon else [],
        "total_details": session["total_details"] | {"amount_discount": sum(taken)},
    }


def take_off(world: World, session: Object, given: Object) -> None:
    """Take a coupon off a session, or the one that a code stands for."""
    coupon, code = redemption.coupon_of(world, given, "discounts[0]")
    total, currency = session["amount_subtotal"], session["currency"]
    redemption.check(world, coupon, code, customer=session["customer"], total=total, currency=currency)
    world.store.untold[session["id"]] |= {"coupon": coupon["id"], "code": code["id"] if code else None}
    reckon(world, session)


def use_code(world: World, session: Object, typed: str) -> None:
    """Take off what a code stands for that somebody typed."""
    codes = world.store.where("promotion_code", active=True)
    code = next((one for one in codes if one["code"].lower() == typed.strip().lower()), None)
    if code is None:
        raise Missing("promotion_code", typed, "promotion_code")
    take_off(world, session, {"promotion_code": code["id"]})


def check(session: Object) -> None:
    """Refuse a total that cannot be charged; nothing at all is free."""
    total = session["amount_total"]
    if total and not LEAST_MINOR <= total <= MOST_MINOR:
        code = "amount_too_small" if total < LEAST_MINOR else "amount_too_large"
        raise ApiError(f"The Checkout Session's total amount must be {LEAST_MINOR} to {MOST_MINOR}.", code=code)
    check_step(total, session["currency"], "line_items")


def needs_card(session: Object) -> bool:
    """Tell whether somebody has to give a card, even if nothing is charged yet."""
    return bool(session["payment_method_collection"] == "always" or session["amount_total"])


def _amount(world: World, item: Object, currency: str) -> int:
    unit = amount_in(world, item["price"], currency)
    if unit is None:
        raise ApiError(f"The price {item['price']['id']} does not support `{currency}`.", param="currency")
    return int(unit * item["quantity"])
