"""Subscriptions: begun, shown, changed, ended."""

from membership.sandbox.api import wishes
from membership.sandbox.api.catalogue import keep_price
from membership.sandbox.billing import changing, invoicing, outcomes, renewing, scheduling, subscribing
from membership.sandbox.billing.proposals import Proposal, propose
from membership.sandbox.billing.subscribing import Opening
from membership.sandbox.cards import Decline
from membership.sandbox.checkout import living
from membership.sandbox.errors import ApiError, CardDeclined, InvalidParam
from membership.sandbox.listing import page
from membership.sandbox.routes import Call, Route, retrieve
from membership.sandbox.store import Object
from membership.sandbox.wire import check_metadata, flag, integer, merge_metadata, need, only, texts
from membership.sandbox.world import World

WORDS = "default_payment_method description"
SHARED = f"{WORDS} cancel_at cancel_at_period_end items metadata off_session payment_behavior payment_settings"
SETTINGS = "discounts proration_behavior trial_end trial_settings"
ONLY_CREATE = "billing_cycle_anchor billing_mode collection_method currency customer trial_period_days"
ONLY_UPDATE = "billing_cycle_anchor cancellation_details pause_collection proration_date"
ENDED_FIELDS = {"cancellation_details", "metadata", "expand"}


def create(world: World, call: Call) -> Object:
    """Begin a subscription without a checkout page."""
    params = call.params
    only(params, f"{SHARED} {SETTINGS} {ONLY_CREATE}")
    customer = living(world, need(params, "customer"))
    behavior = params.get("payment_behavior", "allow_incomplete")
    if behavior == "pending_if_incomplete":
        message = "You can only use `payment_behavior=pending_if_incomplete` when you update a subscription."
        raise InvalidParam(message, param="payment_behavior")
    _check_method(world, params)
    proposal = subscribing.render_opening(world, opening_of(world, customer, params))
    proposal.after["discounts"] = wishes.discounts_of(world, proposal.after, params.get("discounts") or [])
    proposal.after |= wishes.end_of(world, proposal.after, params)
    method = outcomes.method_of(world, proposal.after)
    decline = changing.refusal(world, proposal.after, proposal)
    if decline and (behavior == "error_if_incomplete" or (method is None and behavior != "default_incomplete")):
        raise _refused(decline)
    with world.changing("customer.updated", customer):
        customer["currency"] = customer["currency"] or proposal.after["currency"]
    _keep_prices(world, proposal)
    subscription, invoice = subscribing.start(world, proposal)
    if behavior == "default_incomplete":
        subscribing.wait(world, subscription)
    else:
        subscribing.pay_first(world, subscription, invoice, method, is_first=False)
    return subscription


def opening_of(world: World, customer: Object, params: Object) -> Opening:
    """Read how a subscription is to begin."""
    items, currency = [], params.get("currency")
    for number, item in enumerate(need(params, "items")):
        only(item, "metadata price price_data quantity")
        price = wishes.price_of(world, item, currency, f"items[{number}]")
        currency = currency or price["currency"]
        quantity = wishes.quantity_of(item, f"items[{number}]")
        items.append((price, 1 if quantity is None else quantity))
    given = texts(params, WORDS) | {"metadata": check_metadata(params.get("metadata"))} | _settings(params)
    return Opening(
        str(customer["id"]),
        str(currency),
        items,
        trial_end=wishes.trial_of(world, params),
        anchor=_anchor(world, params),
        prorates=params.get("proration_behavior") != "none",
        given=given,
    )


def update(world: World, call: Call) -> Object:
    """Change a subscription that has not ended."""
    params = call.params
    only(params, f"{SHARED} {SETTINGS} {ONLY_UPDATE}")
    subscription = _living(world, call.id, params)
    _check_method(world, params)
    if subscription["schedule"] and params.keys() & {"cancel_at", "cancel_at_period_end"}:
        message = (
            f"The subscription is managed by the subscription schedule `{subscription['schedule']}`, and updating "
        )
        raise ApiError(
            f"{message}any cancelation behavior directly is not allowed. Please update the schedule instead."
        )
    wish = wishes.wish_of(world, subscription, params)
    fields = _fields(world, subscription, params)
    proposal = propose(world, subscription, wish)
    behavior = params.get("payment_behavior", "allow_incomplete")
    if behavior == "error_if_incomplete":
        decline = changing.refusal(world, subscription | fields, proposal)
        if decline:
            raise _refused(decline)
    _keep_prices(world, proposal)
    changing.change(world, subscription, proposal, fields, behavior)
    scheduling.mirror(world, subscription)
    return subscription


def cancel(world: World, call: Call) -> Object:
    """End a subscription now; what it paid too much is given back as an invoice item, if asked for."""
    only(call.params, "cancellation_details invoice_now prorate")
    subscription = _living(world, call.id, call.params)
    details = subscription["cancellation_details"]
    details |= texts(call.params.get("cancellation_details", {}), "comment feedback")
    if flag(call.params.get("prorate", "false"), "prorate"):
        renewing.give_back(world, subscription)
    if flag(call.params.get("invoice_now", "false"), "invoice_now") and invoicing.waiting(world, subscription):
        invoice = renewing.draft(world, subscription, [], reason="subscription_update")
        world.emit("invoice.created", invoice)
        invoicing.finalise(world, invoice)
        if invoice["status"] == "open":
            outcomes.attempt(world, invoice, outcomes.method_of(world, subscription))
    renewing.end(world, subscription)
    return subscription


def list_all(world: World, call: Call) -> Object:
    """List subscriptions, the newest first; without a status, those that have not ended."""
    only(call.params, "created customer ending_before limit price starting_after status")
    status, price = call.params.get("status"), call.params.get("price")
    chosen = (
        subscription
        for subscription in world.store.newest("subscription")
        if _has_status(subscription, status)
        and price in {None, *(item["price"]["id"] for item in subscription["items"]["data"])}
    )
    return page(call, chosen, "customer")


def _living(world: World, id: str, params: Object) -> Object:
    subscription = world.store.get("subscription", id)
    if subscription["status"] in outcomes.ENDED and not (params and params.keys() <= ENDED_FIELDS):
        raise ApiError(
            "A canceled subscription can only update its cancellation_details and metadata.",
            code="invalid_canceled_subscription_fields",
        )
    return subscription


def _fields(world: World, subscription: Object, params: Object) -> Object:
    words = texts(params.get("cancellation_details", {}), "comment feedback")
    merged = {"metadata": dict(subscription["metadata"])}
    merge_metadata(merged, params)
    fields = texts(params, WORDS) | _settings(params) | wishes.end_of(world, subscription, params)
    fields["cancellation_details"] = (subscription | fields)["cancellation_details"] | words
    if "cancel_at" in params:
        untold = world.store.untold[subscription["id"]]
        untold["prorates_end"] = params.get("proration_behavior") != "none"
    return fields | merged | _collection(world, subscription, params)


def _collection(world: World, subscription: Object, params: Object) -> Object:
    if "pause_collection" not in params:
        return {}
    rest = params["pause_collection"]
    if not rest:
        return {"pause_collection": None}
    resumes_at = None
    if "resumes_at" in rest:
        resumes_at = integer(rest["resumes_at"], "pause_collection[resumes_at]")
        if resumes_at <= world.now():
            raise InvalidParam("`resumes_at` must be in the future.", param="pause_collection[resumes_at]")
        world.agenda.plan(resumes_at, "resume_collection", subscription["id"])
    return {"pause_collection": {"behavior": rest["behavior"], "resumes_at": resumes_at}}


def _settings(params: Object) -> Object:
    fields: Object = {}
    if "trial_settings" in params:
        fields["trial_settings"] = {
            "end_behavior": {"billing_cycle_anchor": "now", "missing_payment_method": "create_invoice"}
            | params["trial_settings"]["end_behavior"]
        }
    if "payment_settings" in params:
        only(params["payment_settings"], "save_default_payment_method")
        fields["payment_settings"] = {
            "payment_method_options": None,
            "payment_method_types": None,
            "save_default_payment_method": "off",
        } | params["payment_settings"]
    return fields


def _anchor(world: World, params: Object) -> int | None:
    if "billing_cycle_anchor" not in params:
        return None
    anchor = integer(params["billing_cycle_anchor"], "billing_cycle_anchor")
    if anchor <= world.now():
        raise InvalidParam("`billing_cycle_anchor` must be in the future.", param="billing_cycle_anchor")
    return anchor


def _check_method(world: World, params: Object) -> None:
    if "default_payment_method" in params:
        world.store.get("payment_method", params["default_payment_method"], "default_payment_method")


def _keep_prices(world: World, proposal: Proposal) -> None:
    for item in proposal.after["items"]["data"]:
        keep_price(world, item["price"])


def _refused(decline: Decline) -> ApiError:
    if decline is outcomes.NO_METHOD:
        return ApiError(decline.message, code="resource_missing")
    return CardDeclined(decline.message, code=decline.code, decline_code=decline.decline_code)


def _has_status(subscription: Object, status: str | None) -> bool:
    match status:
        case "all":
            return True
        case "ended":
            return subscription["status"] in outcomes.ENDED
        case None:
            return subscription["status"] not in outcomes.ENDED
        case _:
            return bool(subscription["status"] == status)


ROUTES: list[Route] = [
    ("POST", "/v1/subscriptions", create),
    ("GET", "/v1/subscriptions", list_all),
    ("GET", "/v1/subscriptions/<id>", retrieve("subscription")),
    ("POST", "/v1/subscriptions/<id>", update),
    ("DELETE", "/v1/subscriptions/<id>", cancel),
]
