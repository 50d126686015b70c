"""Payment intents, charges, refunds and balance transactions."""

from membership.sandbox.billing import charging
from membership.sandbox.errors import ApiError, InvalidParam
from membership.sandbox.listing import page
from membership.sandbox.objects import platform
from membership.sandbox.routes import Call, Handler, Route, retrieve
from membership.sandbox.store import Object
from membership.sandbox.wire import check_metadata, integer, only, texts
from membership.sandbox.world import World

CURSOR = "created ending_before limit starting_after"


def listed(kind: str, fields: str) -> Handler:
    """Return the endpoint that lists objects of a kind by these fields."""

    def list_all(world: World, call: Call) -> Object:
        only(call.params, f"{CURSOR} {fields}")
        return page(call, world.store.newest(kind), *fields.split())

    return list_all


def list_transactions(world: World, call: Call) -> Object:
    """List what moved the balance; the sandbox never pays out, so that no payout has any."""
    only(call.params, f"{CURSOR} currency payout source type")
    transactions = world.store.newest("balance_transaction")
    chosen = (transaction for transaction in transactions if "payout" not in call.params)
    return page(call, chosen, "currency", "source", "type")


def refund(world: World, call: Call) -> Object:
    """Give back a payment, or part of it."""
    only(call.params, "amount charge metadata payment_intent reason")
    charge = _charge(world, call.params)
    left = charge["amount"] - charge["amount_refunded"]
    if left == 0:
        raise ApiError(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    amount = integer(call.params.get("amount", left), "amount")
    if amount < 1:
        raise InvalidParam("Invalid positive integer", code="parameter_invalid_integer", param="amount")
    if amount > left:
        raise ApiError(f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})", param="amount")
    given = texts(call.params, "reason") | {"metadata": check_metadata(call.params.get("metadata"))}
    return charging.refund(world, charge, amount, **given)


def balance(world: World, call: Call) -> Object:
    """Show what the account holds."""
    return platform.balance(world)


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
    ("GET", "/v1/payment_intents", listed("payment_intent", "customer")),
    ("GET", "/v1/payment_intents/<id>", retrieve("payment_intent")),
    ("GET", "/v1/charges", listed("charge", "customer payment_intent")),
    ("GET", "/v1/charges/<id>", retrieve("charge")),
    ("POST", "/v1/refunds", refund),
    ("GET", "/v1/refunds", listed("refund", "charge payment_intent")),
    ("GET", "/v1/refunds/<id>", retrieve("refund")),
    ("GET", "/v1/balance_transactions", list_transactions),
    ("GET", "/v1/balance_transactions/<id>", retrieve("balance_transaction")),
    ("GET", "/v1/balance", balance),
]
