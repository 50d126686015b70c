"""Customers and their payment methods."""

from membership.sandbox.billing import renewing
from membership.sandbox.checkout import living
from membership.sandbox.listing import page
from membership.sandbox.objects.customers import customer as render
from membership.sandbox.routes import Call, Route, retrieve
from membership.sandbox.store import Object
from membership.sandbox.wire import check_metadata, merge_metadata, only, texts
from membership.sandbox.world import World

FIELDS = "description email name phone"


def create(world: World, call: Call) -> Object:
    """Make a customer."""
    only(call.params, f"{FIELDS} metadata preferred_locales")
    given = texts(call.params, FIELDS) | {"metadata": check_metadata(call.params.get("metadata"))}
    locales = call.params.get("preferred_locales", [])
    return world.add("customer.created", render(world, preferred_locales=locales, **given))


def update(world: World, call: Call) -> Object:
    """Change what a customer is called, and how it is reached."""
    only(call.params, f"{FIELDS} metadata preferred_locales")
    customer = living(world, call.id)
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


ROUTES: list[Route] = [
    ("POST", "/v1/customers", create),
    ("GET", "/v1/customers", list_all),
    ("GET", "/v1/customers/<id>", retrieve("customer")),
    ("POST", "/v1/customers/<id>", update),
    ("DELETE", "/v1/customers/<id>", delete),
    ("GET", "/v1/payment_methods/<id>", retrieve("payment_method")),
]
