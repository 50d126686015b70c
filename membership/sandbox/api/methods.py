"""Payment methods."""

from membership.sandbox.billing import methods
from membership.sandbox.cards import find_card
from membership.sandbox.checkout import living
from membership.sandbox.errors import ApiError, CardDeclined, InvalidParam
from membership.sandbox.listing import CURSOR, page
from membership.sandbox.routes import Call, Route, retrieve
from membership.sandbox.store import Object
from membership.sandbox.wire import check_metadata, merge_metadata, need, only, texts
from membership.sandbox.world import World

DETAILS = "email name phone"


def create(world: World, call: Call) -> Object:
    """Keep a test card, by its number or by its word (`tok_visa`)."""
    only(call.params, "billing_details card metadata type")
    if need(call.params, "type") != "card":
        raise InvalidParam("The sandbox keeps only cards this way.", code="sandbox_unsupported", param="type")
    given = need(call.params, "card")
    only(given, "cvc exp_month exp_year number token")
    card = find_card(str(given.get("number", given.get("token", ""))))
    if card is None:
        raise CardDeclined("Your card number is incorrect.", code="incorrect_number", decline_code=None)
    method = methods.keep(world, card)
    method["metadata"] = check_metadata(call.params.get("metadata"))
    _describe(method, call.params)
    return method


def update(world: World, call: Call) -> Object:
    """Change whom a payment method belongs to in words, and what is noted on it."""
    only(call.params, "billing_details metadata")
    method = world.store.get("payment_method", call.id)
    if method["customer"] is None:
        raise ApiError("You must save this PaymentMethod to a customer before you can update it.")
    with world.changing("payment_method.updated", method):
        merge_metadata(method, call.params)
        _describe(method, call.params)
    return method


def attach(world: World, call: Call) -> Object:
    """Give a payment method to a customer."""
    only(call.params, "customer")
    customer = living(world, need(call.params, "customer"))
    method = methods.named(world, call.id)
    methods.attach(world, method, customer)
    return method


def detach(world: World, call: Call) -> Object:
    """Take a payment method off its customer."""
    method = world.store.get("payment_method", call.id)
    if method["customer"] is None:
        message = "The payment method you provided is not attached to a customer so detachment is impossible."
        raise ApiError(message)
    methods.detach(world, method)
    return method


def list_all(world: World, call: Call) -> Object:
    """List payment methods, the newest first."""
    only(call.params, f"{CURSOR} customer type")
    return page(call, world.store.newest("payment_method"), "customer", "type")


def list_of_customer(world: World, call: Call) -> Object:
    """List the payment methods of a customer, the newest first."""
    only(call.params, f"{CURSOR} type")
    living(world, call.id)
    return page(call, world.store.where("payment_method", customer=call.id), "type")


def _describe(method: Object, params: Object) -> None:
    given = params.get("billing_details", {})
    only(given, DETAILS)
    method["billing_details"] = method["billing_details"] | texts(given, DETAILS)


ROUTES: list[Route] = [
    ("POST", "/v1/payment_methods", create),
    ("GET", "/v1/payment_methods", list_all),
    ("GET", "/v1/payment_methods/<id>", retrieve("payment_method")),
    ("POST", "/v1/payment_methods/<id>", update),
    ("POST", "/v1/payment_methods/<id>/attach", attach),
    ("POST", "/v1/payment_methods/<id>/detach", detach),
    ("GET", "/v1/customers/<id>/payment_methods", list_of_customer),
]
