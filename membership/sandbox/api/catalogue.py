"""Products and prices."""

from membership.sandbox.currencies import check_step
from membership.sandbox.errors import ApiError, InvalidParam
from membership.sandbox.listing import page
from membership.sandbox.objects import catalogue
from membership.sandbox.routes import Call, Route, retrieve
from membership.sandbox.store import Object
from membership.sandbox.wire import check_metadata, flag, flags, integer, merge_metadata, need, only, texts
from membership.sandbox.world import World

PRODUCT_FIELDS = "description name statement_descriptor unit_label url"
PRICE_FIELDS = "currency currency_options metadata product product_data recurring tax_behavior unit_amount"
LONGEST = {"day": 1095, "week": 156, "month": 36, "year": 3}


def create_product(world: World, call: Call) -> Object:
    """Make a product."""
    return add_product(world, call.params)


def add_product(world: World, params: Object) -> Object:
    """Make a product from parameters, also inside a price or a checkout session."""
    only(params, f"{PRODUCT_FIELDS} active id metadata")
    need(params, "name")
    if world.store.find("product", params.get("id", "")):
        raise ApiError("Product already exists.", code="resource_already_exists", param="id")
    given = texts(params, f"{PRODUCT_FIELDS} id") | flags(params, "active")
    given["metadata"] = check_metadata(params.get("metadata"))
    return world.add("product.created", catalogue.product(world, **given))


def update_product(world: World, call: Call) -> Object:
    """Change a product's words, or close it."""
    only(call.params, f"{PRODUCT_FIELDS} active metadata")
    product = world.store.get("product", call.id)
    with world.changing("product.updated", product):
        product |= texts(call.params, PRODUCT_FIELDS) | flags(call.params, "active") | {"updated": world.now()}
        merge_metadata(product, call.params)
    return product


def list_products(world: World, call: Call) -> Object:
    """List products, the newest first."""
    only(call.params, "active created ending_before ids limit starting_after")
    chosen = world.store.where("product", **flags(call.params, "active"))
    ids = call.params.get("ids")
    return page(call, (product for product in chosen if not ids or product["id"] in ids))


def create_price(world: World, call: Call) -> Object:
    """Make a price of a product."""
    own = "active lookup_key nickname transfer_lookup_key"
    only(call.params, f"{PRICE_FIELDS} {own}")
    key = call.params.get("lookup_key")
    is_transfer = flag(call.params.get("transfer_lookup_key", "false"), "transfer_lookup_key")
    if key:
        _free_lookup_key(world, key, is_transfer=is_transfer)
    given = flags(call.params, "active") | texts(call.params, "lookup_key nickname")
    return add_price(world, {name: value for name, value in call.params.items() if name not in own.split()}, **given)


def add_price(world: World, params: Object, **given: object) -> Object:
    """Make a price from parameters, also inside a checkout session."""
    return keep_price(world, make_price(world, params, **given))


def keep_price(world: World, price: Object) -> Object:
    """Keep a price that was only rendered."""
    return price if world.store.find("price", price["id"]) else world.add("price.created", price)


def make_price(world: World, params: Object, **given: object) -> Object:
    """Render a price from parameters."""
    only(params, PRICE_FIELDS)
    currency = need(params, "currency").lower()
    amount = _amount(params, currency, "unit_amount")
    if "product" in params:
        product = world.store.get("product", params["product"], "product")
    else:
        product = add_product(world, need(params, "product_data"))
    if "recurring" in params:
        given["recurring"] = _recurring(params["recurring"])
    given["metadata"] = check_metadata(params.get("metadata"))
    price = catalogue.price(world, currency=currency, unit_amount=amount, product=product["id"], **given)
    price |= texts(params, "tax_behavior")
    if "currency_options" in params:
        world.store.untold[price["id"]] = {"currency_options": _options(params["currency_options"], price)}
    return price


def _recurring(recurring: Object) -> Object:
    only(recurring, "interval interval_count usage_type")
    count = integer(recurring.get("interval_count", 1), "recurring[interval_count]")
    if not 1 <= count <= LONGEST[need(recurring, "interval")]:
        message = "Invalid `interval_count`: the interval must be at most three years."
        raise InvalidParam(message, param="recurring[interval_count]")
    if recurring.get("usage_type", "licensed") != "licensed":
        message = "The sandbox bills no metered use."
        raise InvalidParam(message, code="sandbox_unsupported", param="recurring[usage_type]")
    return {"interval": recurring["interval"], "interval_count": count}


def _options(given: Object, price: Object) -> Object:
    options = {}
    for currency, option in given.items():
        at = f"currency_options[{currency}]"
        only(option, "tax_behavior unit_amount")
        amount = _amount(option, currency.lower(), "unit_amount", at)
        options[currency.lower()] = catalogue.currency_option(amount, option.get("tax_behavior", "unspecified"))
    own = catalogue.currency_option(price["unit_amount"], price["tax_behavior"])
    return options | {price["currency"]: own}


def _amount(params: Object, currency: str, name: str, at: str = "") -> int:
    param = f"{at}[{name}]" if at else name
    amount = integer(need(params, name), param)
    if amount < 0:
        raise InvalidParam("This value must be greater than or equal to 0.", param=param)
    check_step(amount, currency, param)
    return amount


def update_price(world: World, call: Call) -> Object:
    """Change what a price is called and whether it is open; never its amount."""
    only(call.params, "active currency_options lookup_key metadata nickname tax_behavior transfer_lookup_key")
    price = world.store.get("price", call.id)
    key = call.params.get("lookup_key")
    if key and key != price["lookup_key"]:
        is_transfer = flag(call.params.get("transfer_lookup_key", "false"), "transfer_lookup_key")
        _free_lookup_key(world, key, is_transfer=is_transfer)
    if "currency_options" in call.params:
        untold = world.store.untold.setdefault(price["id"], {})
        untold["currency_options"] = untold.get("currency_options", {}) | _options(
            call.params["currency_options"] or {}, price
        )
    with world.changing("price.updated", price):
        price |= texts(call.params, "lookup_key nickname tax_behavior") | flags(call.params, "active")
        merge_metadata(price, call.params)
    return price


def list_prices(world: World, call: Call) -> Object:
    """List prices, the newest first."""
    only(call.params, "active created currency ending_before limit lookup_keys product starting_after type")
    chosen = world.store.where("price", **flags(call.params, "active"))
    keys = call.params.get("lookup_keys")
    return page(call, (p for p in chosen if not keys or p["lookup_key"] in keys), "currency", "product", "type")


def _free_lookup_key(world: World, key: str, *, is_transfer: bool) -> None:
    for price in world.store.where("price", lookup_key=key):
        if not is_transfer:
            raise ApiError(f"A price (`{price['id']}`) already uses that lookup key.", param="lookup_key")
        with world.changing("price.updated", price):
            price["lookup_key"] = None


ROUTES: list[Route] = [
    ("POST", "/v1/products", create_product),
    ("GET", "/v1/products", list_products),
    ("GET", "/v1/products/<id>", retrieve("product")),
    ("POST", "/v1/products/<id>", update_product),
    ("POST", "/v1/prices", create_price),
    ("GET", "/v1/prices", list_prices),
    ("GET", "/v1/prices/<id>", retrieve("price")),
    ("POST", "/v1/prices/<id>", update_price),
]
