"""Checkout sessions."""

from membership.sandbox import checkout, totals
from membership.sandbox.api import wishes
from membership.sandbox.api.catalogue import add_price
from membership.sandbox.errors import ApiError, InvalidParam
from membership.sandbox.expansion import INCLUDED
from membership.sandbox.listing import page
from membership.sandbox.objects import sessions
from membership.sandbox.routes import Call, Route, retrieve
from membership.sandbox.store import Object
from membership.sandbox.wire import check_metadata, check_url, flag, integer, merge_metadata, need, only, texts
from membership.sandbox.world import World

KNOWN = (
    "allow_promotion_codes billing_address_collection cancel_url client_reference_id currency customer "
    "customer_creation customer_email discounts expires_at line_items locale metadata mode payment_intent_data "
    "payment_method_collection submit_type subscription_data success_url ui_mode"
)
DATA = {
    "payment": ("payment_intent_data", "description metadata receipt_email statement_descriptor"),
    "subscription": ("subscription_data", "description metadata"),
}
TRIAL = "trial_end trial_period_days trial_settings"
SHORTEST, LONGEST = 30 * 60, 24 * 3600


def create(world: World, call: Call) -> Object:
    """Open a session that is paid on the sandbox's own page."""
    params = call.params
    only(params, KNOWN)
    mode = _mode(params)
    if params.get("ui_mode", "hosted_page") != "hosted_page":
        raise InvalidParam("The sandbox has only ui_mode=hosted_page.", code="sandbox_unsupported", param="ui_mode")
    given = texts(params, "billing_address_collection cancel_url client_reference_id locale submit_type success_url")
    given |= _buyer(world, params, mode) | {"expires_at": _expires_at(world, params)}
    given["metadata"] = check_metadata(params.get("metadata"))
    given |= texts(params, "payment_method_collection")
    given |= _codes(params)
    data = _data(params, mode)
    items = [_line_item(world, line, mode) for line in need(params, "line_items")]
    if len({item["price"]["id"] for item in items}) < len(items):
        raise ApiError("Each price may stand on one line of a Checkout Session only.", param="line_items")
    given["currency"] = str(params.get("currency", items[0]["currency"])).lower()
    session = sessions.session(world, mode=mode, items=items, base=call.base, **given)
    world.store.untold[session["id"]] = {"items": items, "data": data, "coupon": None, "code": None}
    world.store.untold[session["id"]]["trial"] = _trial(world, params)
    totals.reckon(world, session)
    for discount in params.get("discounts", []):
        totals.take_off(world, session, discount)
    totals.check(session)
    world.agenda.plan(session["expires_at"], "expire", session["id"])
    return world.store.add(session)


def update(world: World, call: Call) -> Object:
    """Change a session's metadata."""
    only(call.params, "metadata")
    session = world.store.get("checkout.session", call.id)
    merge_metadata(session, call.params)
    return session


def expire(world: World, call: Call) -> Object:
    """Close a session before its time."""
    session = world.store.get("checkout.session", call.id)
    if session["status"] != "open":
        raise ApiError(
            f'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session '
            f"has a status of {session['status']}."
        )
    checkout.expire(world, session)
    return session


def line_items(world: World, call: Call) -> Object:
    """List what is bought in a session."""
    session = world.store.get("checkout.session", call.id)
    return INCLUDED["checkout.session"]["line_items"](world, session)


def list_all(world: World, call: Call) -> Object:
    """List sessions, the newest first."""
    only(call.params, "created customer ending_before limit payment_intent starting_after status subscription")
    fields = ("customer", "payment_intent", "status", "subscription")
    return page(call, world.store.newest("checkout.session"), *fields)


def _mode(params: Object) -> str:
    mode = need(params, "mode")
    if mode not in DATA:
        raise InvalidParam(f"The sandbox does not do mode={mode} yet.", code="sandbox_unsupported", param="mode")
    for name in ("success_url", "cancel_url"):
        if name == "success_url" or name in params:
            check_url(need(params, name), name)
    wrong = {"subscription": ("donate", "pay", "book"), "payment": ("subscribe",)}[mode]
    if params.get("submit_type") in wrong:
        message = f"You can not pass `submit_type` `{params['submit_type']}` in `{mode}` mode."
        raise InvalidParam(message, param="submit_type")
    return str(mode)


def _buyer(world: World, params: Object, mode: str) -> Object:
    if "customer" in params and "customer_email" in params:
        raise InvalidParam("You may only specify one of these parameters: customer, customer_email.", param="customer")
    if "customer_creation" in params and mode != "payment":
        raise InvalidParam("You can only use `customer_creation` in `payment` mode.", param="customer_creation")
    if "customer" in params:
        checkout.living(world, params["customer"])
    may_be_guest = mode == "payment" and "customer" not in params
    creation = params.get("customer_creation", "if_required") if may_be_guest else None
    return texts(params, "customer customer_email") | {"customer_creation": creation}


def _expires_at(world: World, params: Object) -> int:
    now = world.now()
    moment = integer(params.get("expires_at", now + LONGEST), "expires_at")
    if not now + SHORTEST - 60 <= moment <= now + LONGEST + 60:
        raise InvalidParam(
            "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.",
            param="expires_at",
        )
    return moment


def _data(params: Object, mode: str) -> Object:
    name, known = DATA[mode]
    for other in {"payment_intent_data", "subscription_data"} - {name}:
        if other in params:
            raise InvalidParam(f"You can not pass `{other}` in `{mode}` mode.", param=other)
    data = params.get(name, {})
    only(data, f"{known} {TRIAL}" if mode == "subscription" else known)
    return texts(data, known.replace(" metadata", "")) | {"metadata": check_metadata(data.get("metadata"))}


def _line_item(world: World, line: Object, mode: str) -> Object:
    only(line, "price price_data quantity")
    quantity = integer(need(line, "quantity"), "line_items[quantity]")
    if quantity < 1:
        raise InvalidParam("This value must be greater than or equal to 1.", param="line_items[quantity]")
    if "price" in line:
        price = world.store.get("price", line["price"], "line_items[price]")
        if not price["active"]:
            raise ApiError(f"The price specified is inactive: {price['id']}", param="line_items[price]")
    else:
        price = add_price(world, need(line, "price_data"), active=False)
    if mode == "payment" and price["recurring"]:
        raise ApiError("You specified `payment` mode but passed a recurring price.", param="mode")
    if mode == "subscription" and not price["recurring"]:
        raise ApiError("You must provide at least one recurring price in `subscription` mode.", param="mode")
    name = world.store.get("product", price["product"])["name"]
    return sessions.line_item(world, price, quantity, name)


def _codes(params: Object) -> Object:
    if "allow_promotion_codes" not in params:
        return {}
    if "discounts" in params:
        message = "You may only specify one of these parameters: allow_promotion_codes, discounts."
        raise InvalidParam(message, param="discounts")
    return {"allow_promotion_codes": flag(params["allow_promotion_codes"], "allow_promotion_codes")}


def _trial(world: World, params: Object) -> Object:
    data = params.get("subscription_data", {})
    if wishes.trial_of(world, data) is None:
        return {}
    return {name: data[name] for name in TRIAL.split() if name in data}


ROUTES: list[Route] = [
    ("POST", "/v1/checkout/sessions", create),
    ("GET", "/v1/checkout/sessions", list_all),
    ("GET", "/v1/checkout/sessions/<id>", retrieve("checkout.session")),
    ("POST", "/v1/checkout/sessions/<id>", update),
    ("POST", "/v1/checkout/sessions/<id>/expire", expire),
    ("GET", "/v1/checkout/sessions/<id>/line_items", line_items),
]
