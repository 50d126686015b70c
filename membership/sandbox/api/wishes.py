"""What the parameters of subscriptions mean: prices, items, trials, ends, prorations."""

from typing import Any

from membership.sandbox import redemption
from membership.sandbox.api.catalogue import make_price
from membership.sandbox.billing import billed, renewing
from membership.sandbox.billing.proposals import ItemWish, Wish
from membership.sandbox.errors import ApiError, InvalidParam
from membership.sandbox.objects.catalogue import amount_in
from membership.sandbox.store import Object
from membership.sandbox.wire import flag, integer, need, only
from membership.sandbox.world import World

LONGEST_TRIAL = 2 * 366 * 24 * 3600
BY_NAME = {"min_period_end": min, "max_period_end": max, "max_billed_until": max}


def price_of(world: World, params: Object, currency: str | None, at: str) -> Object:
    """Return the recurring price that parameters name, or render the one that they describe.

    It must know the currency, if one is set already.
    """
    if "price" in params:
        price = world.store.get("price", params["price"], f"{at}[price]")
        if not price["active"]:
            raise ApiError("The price specified is inactive. This field only accepts active prices.", param=at)
    else:
        price = make_price(world, need(params, "price_data"), active=False)
    if not price["recurring"]:
        message = "The price specified is set to `type=one_time` but this field only accepts prices with"
        raise ApiError(f"{message} `type=recurring`.", param=f"{at}[price]")
    if currency and amount_in(world, price, currency) is None:
        message = f"The price specified only supports `{price['currency']}`. This doesn't match the expected currency: "
        raise ApiError(f"{message}`{currency}`.", param=f"{at}[price]")
    return price


def quantity_of(params: Object, at: str) -> int | None:
    """Return the quantity that was given."""
    if "quantity" not in params:
        return None
    quantity = integer(params["quantity"], f"{at}[quantity]")
    if quantity < 0:
        raise InvalidParam("This value must be greater than or equal to 0.", param=f"{at}[quantity]")
    return quantity


def items_of(world: World, subscription: Object, params: Object) -> list[ItemWish]:
    """Read how the items of a subscription are to change."""
    known = {item["id"]: item for item in subscription["items"]["data"]}
    wishes = [
        _item(world, subscription, wish, known, f"items[{number}]")
        for number, wish in enumerate(params.get("items", []))
    ]
    deleted = {wish.id for wish in wishes if wish.is_deleted}
    if deleted >= known.keys() and all(wish.id for wish in wishes):
        raise ApiError("A subscription must have at least one active price.", param="items")
    return wishes


def wish_of(world: World, subscription: Object, params: Object) -> Wish:
    """Read a change of a subscription."""
    anchor = params.get("billing_cycle_anchor", {})
    return Wish(
        at=moment_of(world, subscription, params),
        items=items_of(world, subscription, params),
        behavior=params.get("proration_behavior", "create_prorations"),
        is_reset=anchor.get("type") == "now",
        trial_end=trial_of(world, params, is_change=True),
        discounts=discounts_of(world, subscription, params["discounts"]) if "discounts" in params else None,
    )


def moment_of(world: World, subscription: Object, params: Object) -> int:
    """Return the moment for which prorations are reckoned."""
    if "proration_date" not in params:
        return world.now()
    moment = integer(params["proration_date"], "proration_date")
    items = subscription["items"]["data"]
    if not all(item["current_period_start"] <= moment <= item["current_period_end"] for item in items):
        message = "Cannot specify proration_date outside of current subscription period."
        raise InvalidParam(message, param="proration_date")
    return moment


def trial_of(world: World, params: Object, *, is_change: bool = False) -> int | None:
    """Return when a trial ends that was asked for; a change may end one now."""
    now = world.now()
    if "trial_end" in params and "trial_period_days" in params:
        raise InvalidParam("You may only specify one of these parameters: trial_end, trial_period_days.")
    if "trial_period_days" in params:
        days = integer(params["trial_period_days"], "trial_period_days")
        moment = now + days * 24 * 3600 if days else None
    elif params.get("trial_end") == "now":
        moment = now if is_change else None
    elif "trial_end" in params:
        moment = integer(params["trial_end"], "trial_end")
        if moment <= now:
            raise InvalidParam("Invalid timestamp: must be an integer Unix timestamp in the future.", param="trial_end")
    else:
        return None
    if moment and moment > now + LONGEST_TRIAL:
        raise InvalidParam("A trial can be at most two years long.", param="trial_end")
    return moment


def end_of(world: World, subscription: Object, params: Object) -> Object:
    """Read when a subscription is to end; return the fields that change."""
    ends = [item["current_period_end"] for item in subscription["items"]["data"]]
    if "cancel_at" in params and "cancel_at_period_end" in params:
        raise InvalidParam("You may only specify one of these parameters: cancel_at, cancel_at_period_end.")
    if "cancel_at_period_end" in params:
        is_ending = flag(params["cancel_at_period_end"], "cancel_at_period_end")
        return renewing.ending(world, subscription, min(ends) if is_ending else None, at_period_end=is_ending)
    if "cancel_at" not in params:
        return {}
    named = params["cancel_at"]
    if named in BY_NAME:
        return renewing.ending(world, subscription, BY_NAME[named](ends), at_period_end=False)
    moment = integer(named, "cancel_at") if named else None
    if moment is not None and moment <= world.now():
        raise InvalidParam("The timestamp can't be in the past.", param="cancel_at")
    return renewing.ending(world, subscription, moment, at_period_end=False)


def discounts_of(world: World, subscription: Object, given: Any) -> list[str]:
    """Make or find the discounts that parameters name, and return their ids; an empty text takes all away."""
    total = sum(billed.gross(world, subscription, item) for item in subscription["items"]["data"])
    who = {"customer": subscription["customer"], "total": total, "currency": subscription["currency"]}
    found = []
    for number, one in enumerate(given or []):
        if "discount" in one:
            found.append(str(world.store.get("discount", one["discount"], f"discounts[{number}]")["id"]))
            continue
        coupon, code = redemption.coupon_of(world, one, f"discounts[{number}]")
        redemption.check(world, coupon, code, **who)
        found.append(redemption.grant(world, subscription, coupon, code))
    return found


def _item(world: World, subscription: Object, wish: Object, known: dict[str, Object], at: str) -> ItemWish:
    only(wish, "deleted id metadata price price_data quantity")
    if "id" in wish and wish["id"] not in known:
        raise InvalidParam(f"No such subscription item: '{wish['id']}'", code="resource_missing", param=f"{at}[id]")
    if flag(wish.get("deleted", "false"), f"{at}[deleted]"):
        return ItemWish(need(wish, "id"), is_deleted=True)
    is_priced = "id" not in wish or "price" in wish or "price_data" in wish
    price = price_of(world, wish, subscription["currency"], at) if is_priced else None
    taken = {item["price"]["id"] for item in known.values() if item["id"] != wish.get("id")}
    if price and price["id"] in taken:
        message = f"Cannot add multiple subscription items with the same price: {price['id']}"
        raise ApiError(message, param=f"{at}[price]")
    return ItemWish(wish.get("id"), price, quantity_of(wish, at))
