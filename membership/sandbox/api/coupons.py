"""Coupons and promotion codes."""

from membership.sandbox.checkout import living
from membership.sandbox.errors import ApiError, InvalidParam
from membership.sandbox.listing import page
from membership.sandbox.objects import discounts
from membership.sandbox.routes import Call, Route, retrieve
from membership.sandbox.store import Object
from membership.sandbox.wire import check_metadata, flag, flags, integer, merge_metadata, need, only, texts
from membership.sandbox.world import World

NUMBERS = ("amount_off", "duration_in_months", "max_redemptions", "redeem_by")


def create(world: World, call: Call) -> Object:
    """Make a coupon."""
    params = call.params
    only(params, f"{' '.join(NUMBERS)} applies_to currency currency_options duration id metadata name percent_off")
    if ("percent_off" in params) == ("amount_off" in params):
        raise InvalidParam(
            "You must pass either amount_off or percent_off.", code="parameter_missing", param="amount_off"
        )
    if world.store.find("coupon", params.get("id", "")):
        raise ApiError("Coupon already exists.", code="resource_already_exists", param="id")
    given = texts(params, "duration id name") | {
        name: integer(params[name], name) for name in NUMBERS if name in params
    }
    if "percent_off" in params:
        given["percent_off"] = _percentage(params["percent_off"])
    else:
        given["currency"] = need(params, "currency").lower()
    if (given.get("duration") == "repeating") != ("duration_in_months" in given):
        message = "duration_in_months is for duration=repeating, which needs it."
        raise InvalidParam(message, param="duration_in_months")
    given["metadata"] = check_metadata(params.get("metadata"))
    coupon = world.add("coupon.created", discounts.coupon(world, **given))
    world.store.untold[coupon["id"]] = _untold(params)
    return coupon


def update(world: World, call: Call) -> Object:
    """Change what a coupon is called; never what it takes off."""
    only(call.params, "metadata name")
    coupon = world.store.get("coupon", call.id)
    with world.changing("coupon.updated", coupon):
        coupon |= texts(call.params, "name")
        merge_metadata(coupon, call.params)
    return coupon


def delete(world: World, call: Call) -> Object:
    """Let nobody use a coupon any more; whoever has it keeps it."""
    coupon = world.store.get("coupon", call.id)
    coupon["valid"] = False
    world.store.untold[call.id]["is_deleted"] = True
    world.emit("coupon.deleted", coupon)
    return {"id": call.id, "object": "coupon", "deleted": True}


def list_all(world: World, call: Call) -> Object:
    """List coupons, the newest first."""
    only(call.params, "created ending_before limit starting_after")
    coupons = world.store.newest("coupon")
    return page(call, (coupon for coupon in coupons if "is_deleted" not in world.store.untold[coupon["id"]]))


def create_code(world: World, call: Call) -> Object:
    """Make a code that stands for a coupon."""
    params = call.params
    only(params, "active code customer expires_at max_redemptions metadata promotion restrictions")
    coupon = world.store.get("coupon", need(params["promotion"], "coupon"), "promotion[coupon]")
    if "customer" in params:
        living(world, params["customer"])
    code = params.get("code")
    if code and any(one["code"].lower() == code.lower() for one in world.store.where("promotion_code", active=True)):
        raise ApiError("An active promotion code with this code already exists.", param="code")
    given = texts(params, "code customer") | flags(params, "active")
    given |= {name: integer(params[name], name) for name in ("expires_at", "max_redemptions") if name in params}
    given["metadata"] = check_metadata(params.get("metadata"))
    return world.add(
        "promotion_code.created",
        discounts.promotion_code(world, coupon["id"], **given, restrictions=_restrictions(params)),
    )


def update_code(world: World, call: Call) -> Object:
    """Open or close a code."""
    only(call.params, "active metadata")
    code = world.store.get("promotion_code", call.id)
    with world.changing("promotion_code.updated", code):
        code |= flags(call.params, "active")
        merge_metadata(code, call.params)
    return code


def list_codes(world: World, call: Call) -> Object:
    """List codes, the newest first."""
    only(call.params, "active code coupon created customer ending_before limit starting_after")
    coupon, code = call.params.get("coupon"), call.params.get("code", "").lower()
    chosen = (
        one
        for one in world.store.where("promotion_code", **flags(call.params, "active"))
        if coupon in {None, one["promotion"]["coupon"]} and code in {"", one["code"].lower()}
    )
    return page(call, chosen, "customer")


def _percentage(text: str) -> float:
    percent = float(text)
    if not 0 < percent <= 100:
        raise InvalidParam("Invalid percent_off: must be greater than 0 and at most 100.", param="percent_off")
    return percent


def _untold(params: Object) -> Object:
    options = {
        name.lower(): integer(one["amount_off"], name) for name, one in params.get("currency_options", {}).items()
    }
    untold: Object = {"currency_options": {name: {"amount_off": amount} for name, amount in options.items()}}
    return untold | ({"products": params["applies_to"]["products"]} if "applies_to" in params else {})


def _restrictions(params: Object) -> Object:
    given = params.get("restrictions", {})
    only(given, "first_time_transaction minimum_amount minimum_amount_currency")
    least = integer(given["minimum_amount"], "restrictions[minimum_amount]") if "minimum_amount" in given else None
    currency = need(given, "minimum_amount_currency").lower() if least is not None else None
    return {
        "first_time_transaction": flag(given.get("first_time_transaction", "false"), "first_time_transaction"),
        "minimum_amount": least,
        "minimum_amount_currency": currency,
    }


ROUTES: list[Route] = [
    ("POST", "/v1/coupons", create),
    ("GET", "/v1/coupons", list_all),
    ("GET", "/v1/coupons/<id>", retrieve("coupon")),
    ("POST", "/v1/coupons/<id>", update),
    ("DELETE", "/v1/coupons/<id>", delete),
    ("POST", "/v1/promotion_codes", create_code),
    ("GET", "/v1/promotion_codes", list_codes),
    ("GET", "/v1/promotion_codes/<id>", retrieve("promotion_code")),
    ("POST", "/v1/promotion_codes/<id>", update_code),
]
