"""Customers."""

from membership.sandbox.billing import methods, renewing
from membership.sandbox.checkout import living
from membership.sandbox.errors import ApiError
from membership.sandbox.listing import page
from membership.sandbox.objects.customers import customer as render
from membership.sandbox.routes import Call, Route, retrieve
from membership.sandbox.store import Object
from membership.sandbox.wire import check_metadata, merge_metadata, only, texts
from membership.sandbox.world import World

FIELDS = "description email name phone"


def create(world: World, call: Call) -> Object:
    """Make a customer."""
    only(call.params, f"{FIELDS} invoice_settings metadata payment_method preferred_locales")
    given = texts(call.params, FIELDS) | {"metadata": check_metadata(call.params.get("metadata"))}
    locales = call.params.get("preferred_locales", [])
    method = _method(world, call.params)
    customer = world.add("customer.created", render(world, preferred_locales=locales, **given))
    if method:
        methods.attach(world, method, customer)
    _set_default(world, customer, call.params, method)
    return customer


def update(world: World, call: Call) -> Object:
    """Change what a customer is called, and how it is reached."""
    only(call.params, f"{FIELDS} invoice_settings metadata preferred_locales")
    customer = living(world, call.id)
    _set_default(world, customer, call.params, None)
    with world.changing("customer.updated", customer):
        customer |= texts(call.params, FIELDS)
        customer["preferred_locales"] = call.params.get("preferred_locales", customer["preferred_locales"])
        merge_metadata(customer, call.params)
    return customer


def delete(world: World, call: Call) -> Object:
    """Forget a customer and end what it subscribed to."""
    customer = living(world, call.id)
    for subscription in world.store.where("subscription", customer=call.id):
        if subscription["status"] in renewing.LIVE:
            renewing.end(world, subscription)
    world.emit("customer.deleted", customer)
    return world.store.add({"id": call.id, "object": "customer", "deleted": True})


def list_all(world: World, call: Call) -> Object:
    """List customers, the newest first."""
    only(call.params, "created email ending_before limit starting_after")
    known = (customer for customer in world.store.newest("customer") if "deleted" not in customer)
    return page(call, known, "email")


def _method(world: World, params: Object) -> Object | None:
    return methods.named(world, params["payment_method"]) if "payment_method" in params else None


def _set_default(world: World, customer: Object, params: Object, method: Object | None) -> None:
    settings = params.get("invoice_settings", {})
    only(settings, "default_payment_method")
    wanted = settings.get("default_payment_method")
    if wanted is None:
        return
    # The word of a test card names the one that was attached by the same call.
    if method and wanted == params["payment_method"]:
        wanted = method["id"]
    known = world.store.find("payment_method", wanted)
    if known is None or known["customer"] != customer["id"]:
        message = f"The customer does not have a payment method with the ID {wanted}. The payment method must be "
        raise ApiError(f"{message}attached to the customer.", code="resource_missing", param="invoice_settings")
    methods.set_default(world, customer, wanted)


ROUTES: list[Route] = [
    ("POST", "/v1/customers", create),
    ("GET", "/v1/customers", list_all),
    ("GET", "/v1/customers/<id>", retrieve("customer")),
    ("POST", "/v1/customers/<id>", update),
    ("DELETE", "/v1/customers/<id>", delete),
]
