"""Refunds."""

from membership.sandbox.billing import refunding
from membership.sandbox.currencies import check_step
from membership.sandbox.errors import ApiError, InvalidParam
from membership.sandbox.listing import listed
from membership.sandbox.routes import Call, Route, retrieve
from membership.sandbox.store import Object
from membership.sandbox.wire import check_metadata, integer, merge_metadata, only, texts
from membership.sandbox.world import World


def create(world: World, call: Call) -> Object:
    """Give back a payment, or part of it."""
    only(call.params, "amount charge metadata payment_intent reason")
    charge = _charge(world, call.params)
    left = refunding.check_refundable(world, charge)
    amount = integer(call.params.get("amount", left), "amount")
    if amount < 1:
        raise InvalidParam("Invalid positive integer", code="parameter_invalid_integer", param="amount")
    if amount > left:
        raise ApiError(f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})", param="amount")
    check_step(amount, charge["currency"], "amount")
    given = texts(call.params, "reason") | {"metadata": check_metadata(call.params.get("metadata"))}
    return refunding.refund(world, charge, amount, **given)


def update(world: World, call: Call) -> Object:
    """Change what is noted on a refund."""
    only(call.params, "metadata")
    refund = world.store.get("refund", call.id)
    with world.changing("refund.updated", refund):
        merge_metadata(refund, call.params)
    return refund


def cancel(world: World, call: Call) -> Object:
    """Give up a refund whose receiver has not said where to send it."""
    refund = world.store.get("refund", call.id)
    if refund["status"] != "requires_action":
        raise ApiError(f"You cannot cancel a refund with status {refund['status']}.")
    refunding.cancel(world, refund)
    return refund


def _charge(world: World, params: Object) -> Object:
    if "charge" in params:
        charge = world.store.get("charge", params["charge"], "charge")
    elif "payment_intent" in params:
        intent = world.store.get("payment_intent", params["payment_intent"], "payment_intent")
        charge = world.store.find("charge", intent["latest_charge"] or "") or {"paid": False, "id": intent["id"]}
    else:
        raise InvalidParam("One of the following params should be provided: payment_intent or charge.")
    if not charge["paid"]:
        raise ApiError(f"{charge['id']} has no successful charge to refund.", code="charge_not_refundable")
    return charge


ROUTES: list[Route] = [
    ("POST", "/v1/refunds", create),
    ("GET", "/v1/refunds", listed("refund", "charge payment_intent")),
    ("GET", "/v1/refunds/<id>", retrieve("refund")),
    ("POST", "/v1/refunds/<id>", update),
    ("POST", "/v1/refunds/<id>/cancel", cancel),
]
