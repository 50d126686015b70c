"""What the next invoice would be, of a subscription as it is or after a change; nothing is kept."""

from membership.sandbox.api import wishes
from membership.sandbox.api.subscriptions import opening_of
from membership.sandbox.billing import changing, proposals, subscribing
from membership.sandbox.billing.proposals import Proposal
from membership.sandbox.checkout import living
from membership.sandbox.errors import ApiError, InvalidParam
from membership.sandbox.routes import Call, Route
from membership.sandbox.store import Object
from membership.sandbox.wire import flag, only
from membership.sandbox.world import World, copy

DETAILS = (
    "billing_cycle_anchor cancel_at cancel_at_period_end cancel_now items proration_behavior proration_date trial_end"
)


class NothingUpcoming(ApiError):
    """There is no next invoice."""

    status = 404


def preview(world: World, call: Call) -> Object:
    """Show the next invoice."""
    params, details = call.params, call.params.get("subscription_details", {})
    only(params, "currency customer discounts preview_mode subscription subscription_details")
    only(details, DETAILS)
    if "subscription" in params:
        proposal = _change(world, params, details)
        moment = wishes.moment_of(world, proposal.after, details)
    elif "customer" in params:
        customer = living(world, params["customer"])
        shared = {"currency": params["currency"]} if "currency" in params else {}
        proposal = subscribing.render_opening(world, opening_of(world, customer, details | shared))
        moment = world.now()
    else:
        raise InvalidParam("You must provide a customer or a subscription.", param="customer")
    known = set(proposal.after["discounts"])
    if "discounts" in params:
        proposal.after["discounts"] = wishes.discounts_of(world, proposal.after, params["discounts"])
    is_recurring = params.get("preview_mode") == "recurring"
    invoice = changing.render(world, proposal.after, proposal, is_recurring=is_recurring)
    for id in set(proposal.after["discounts"]) - known:
        world.store.drop("discount", id)
    if invoice is None:
        raise NothingUpcoming("No upcoming invoices for customer", code="invoice_upcoming_none")
    invoice["id"] = f"upcoming_{invoice['id']}"
    if proposal.prorations:
        invoice["parent"]["subscription_details"]["subscription_proration_date"] = moment
    for line in invoice["lines"]["data"]:
        line["invoice"] = invoice["id"]
    return invoice


def _change(world: World, params: Object, details: Object) -> Proposal:
    subscription = world.store.get("subscription", params["subscription"], "subscription")
    if params.get("customer", subscription["customer"]) != subscription["customer"]:
        raise InvalidParam("The subscription does not belong to this customer.", param="customer")
    if flag(details.get("cancel_now", "false"), "subscription_details[cancel_now]"):
        return _cancelled(world, subscription)
    proposal = proposals.propose(world, subscription, wishes.wish_of(world, subscription, details))
    proposal.after |= wishes.end_of(world, subscription, details)
    return proposal


def _cancelled(world: World, subscription: Object) -> Proposal:
    proposal = proposals.give_back(world, copy(subscription))
    proposal.is_invoiced = True
    return proposal


ROUTES: list[Route] = [("POST", "/v1/invoices/create_preview", preview)]
