"""Subscriptions that rest and go on."""

from membership.sandbox.billing import outcomes, pausing
from membership.sandbox.errors import ApiError
from membership.sandbox.routes import Call, Route
from membership.sandbox.store import Object
from membership.sandbox.wire import only
from membership.sandbox.world import World


def pause(world: World, call: Call) -> Object:
    """Let a subscription rest: no service, no invoices."""
    only(call.params, "bill_for invoicing_behavior type")
    subscription = world.store.get("subscription", call.id)
    proposal = pausing.propose_pause(world, subscription, unused_from(call.params))
    is_invoiced = call.params.get("invoicing_behavior") == "invoice"
    pausing.pause(world, subscription, proposal, is_invoiced=is_invoiced)
    return subscription


def unused_from(params: Object) -> str:
    """Read from when on unused time is given back."""
    return str(params.get("bill_for", {}).get("unused_time_from", {}).get("type", "now"))


def resume(world: World, call: Call) -> Object:
    """Let a paused subscription go on."""
    only(call.params, "billing_cycle_anchor payment_behavior proration_behavior")
    subscription = world.store.get("subscription", call.id)
    if subscription["status"] != "paused":
        raise ApiError(f"This subscription is {subscription['status']}; only a paused one can be resumed.")
    proposal = pausing.propose_resumption(
        world,
        subscription,
        is_reset=call.params.get("billing_cycle_anchor", {}).get("type") != "unchanged",
        behavior=call.params.get("proration_behavior", "create_prorations"),
    )
    on_success = call.params.get("payment_behavior") == "resume_on_payment_success"
    if on_success and proposal.is_invoiced and outcomes.method_of(world, subscription) is None:
        raise ApiError(outcomes.NO_METHOD.message, code="resource_missing")
    pausing.resume(world, subscription, proposal, on_success=on_success)
    return subscription


ROUTES: list[Route] = [
    ("POST", "/v1/subscriptions/<id>/pause", pause),
    ("POST", "/v1/subscriptions/<id>/resume", resume),
]
