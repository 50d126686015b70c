"""Subscriptions: shown, changed, ended. They begin on the checkout page."""

from membership.sandbox.billing import renewing
from membership.sandbox.errors import ApiError, InvalidParam
from membership.sandbox.listing import page
from membership.sandbox.objects.catalogue import plan
from membership.sandbox.routes import Call, Route, retrieve
from membership.sandbox.store import Object
from membership.sandbox.wire import flag, integer, merge_metadata, only, texts
from membership.sandbox.world import World

KNOWN = "cancel_at cancel_at_period_end cancellation_details default_payment_method description items metadata"
ENDED = "canceled"


def update(world: World, call: Call) -> Object:
    """Change a subscription that has not ended."""
    params = call.params
    only(params, f"{KNOWN} proration_behavior")
    subscription = _living(world, call.id)
    if "cancel_at" in params and "cancel_at_period_end" in params:
        raise InvalidParam("You may only specify one of these parameters: cancel_at, cancel_at_period_end.")
    if "default_payment_method" in params:
        world.store.get("payment_method", params["default_payment_method"], "default_payment_method")
    with world.changing(renewing.CHANGED, subscription):
        subscription |= texts(params, "default_payment_method description")
        subscription["cancellation_details"] |= texts(params.get("cancellation_details", {}), "comment feedback")
        merge_metadata(subscription, params)
        _change_end(world, subscription, params)
        _change_price(world, subscription, params)
    return subscription


def cancel(world: World, call: Call) -> Object:
    """End a subscription now."""
    only(call.params, "cancellation_details")
    subscription = _living(world, call.id)
    subscription["cancellation_details"] |= texts(call.params.get("cancellation_details", {}), "comment feedback")
    renewing.end(world, subscription)
    return subscription


def list_all(world: World, call: Call) -> Object:
    """List subscriptions, the newest first; without a status, those that have not ended."""
    only(call.params, "created customer ending_before limit price starting_after status")
    status, price = call.params.get("status"), call.params.get("price")
    chosen = (
        subscription
        for subscription in world.store.newest("subscription")
        if _has_status(subscription, status) and price in {None, subscription["items"]["data"][0]["price"]["id"]}
    )
    return page(call, chosen, "customer")


def _living(world: World, id: str) -> Object:
    subscription = world.store.get("subscription", id)
    if subscription["status"] == ENDED:
        raise ApiError(
            "A canceled subscription can only update its cancellation_details and metadata.",
            code="invalid_canceled_subscription_fields",
        )
    return subscription


def _change_end(world: World, subscription: Object, params: Object) -> None:
    period_end = subscription["items"]["data"][0]["current_period_end"]
    if "cancel_at_period_end" in params:
        is_ending = flag(params["cancel_at_period_end"], "cancel_at_period_end")
        renewing.schedule_end(world, subscription, period_end if is_ending else None, at_period_end=is_ending)
    elif params.get("cancel_at") in {"min_period_end", "max_period_end"}:
        renewing.schedule_end(world, subscription, period_end, at_period_end=False)
    elif params.get("cancel_at"):
        moment = integer(params["cancel_at"], "cancel_at")
        if moment <= world.now():
            raise InvalidParam("The timestamp can't be in the past.", param="cancel_at")
        renewing.schedule_end(world, subscription, moment, at_period_end=False)
    elif "cancel_at" in params:
        renewing.schedule_end(world, subscription, None, at_period_end=False)


def _change_price(world: World, subscription: Object, params: Object) -> None:
    if "items" not in params:
        return
    item, wish = subscription["items"]["data"][0], params["items"][0]
    if wish.get("id") != item["id"] or len(params["items"]) > 1 or params.get("proration_behavior") != "none":
        message = "The sandbox changes only the price of the one item, with proration_behavior=none."
        raise InvalidParam(message, code="sandbox_unsupported", param="items")
    price = world.store.get("price", wish.get("price", item["price"]["id"]), "items[price]")
    if price["currency"] != subscription["currency"] or _rhythm(price) != _rhythm(item["price"]):
        message = "The sandbox changes only to a price of the same currency and interval."
        raise InvalidParam(message, code="sandbox_unsupported", param="items")
    quantity = integer(wish.get("quantity", item["quantity"]), "items[quantity]")
    item |= {"plan": plan(price), "price": price, "quantity": quantity}


def _rhythm(price: Object) -> tuple[str, int]:
    return price["recurring"]["interval"], price["recurring"]["interval_count"]


def _has_status(subscription: Object, status: str | None) -> bool:
    if status == "all":
        return True
    wanted = {status} if status else renewing.LIVE
    return ({ENDED} if status == "ended" else wanted) >= {subscription["status"]}


ROUTES: list[Route] = [
    ("GET", "/v1/subscriptions", list_all),
    ("GET", "/v1/subscriptions/<id>", retrieve("subscription")),
    ("POST", "/v1/subscriptions/<id>", update),
    ("DELETE", "/v1/subscriptions/<id>", cancel),
]
