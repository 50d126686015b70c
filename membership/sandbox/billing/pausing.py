"""A subscription that rests without service or invoices, and how it goes on: once a bill is paid, or tried to be.

https://docs.stripe.com/billing/subscriptions/pause
"""

from membership.sandbox import periods
from membership.sandbox.billing import billed, invoicing, outcomes, proposals, renewing
from membership.sandbox.billing.proposals import Proposal
from membership.sandbox.errors import ApiError
from membership.sandbox.objects.catalogue import rhythm_of
from membership.sandbox.store import Object
from membership.sandbox.world import World, copy

MAY_PAUSE = frozenset({"active", "past_due", "unpaid"})
YEAR = 365 * 24 * 3600


def propose_pause(world: World, subscription: Object, unused_from: str) -> Proposal:
    """Work out a pause: periods end now, and unused time is given back from now, from their start, or not at all."""
    proposal = Proposal(copy(subscription), billed.debits_of(world, subscription))
    for item in proposal.after["items"]["data"]:
        if unused_from != "none":
            since = world.now() if unused_from == "now" else item["current_period_start"]
            proposals.credit(world, proposal, item, since)
        proposals.set_period(item, (item["current_period_start"], world.now()))
    proposal.debits = {}
    return proposal


def pause(world: World, subscription: Object, proposal: Proposal, *, is_invoiced: bool) -> None:
    """Let a subscription rest from now on."""
    if subscription["status"] not in MAY_PAUSE or subscription["schedule"]:
        words = "it has a schedule" if subscription["schedule"] else f"it is {subscription['status']}"
        raise ApiError(f"This subscription cannot be paused, as {words}.")
    for waiting in proposal.prorations:
        world.add("invoiceitem.created", waiting)
    if is_invoiced and invoicing.waiting(world, subscription):
        invoice = renewing.draft(world, subscription, [], reason="subscription_update")
        world.emit("invoice.created", invoice)
        invoicing.finalise(world, invoice)
    outcomes.drop_held(world, world.store.get("invoice", subscription["latest_invoice"]))
    subscription["items"] = proposal.after["items"]
    billed.keep(world, subscription, {})
    outcomes.pause(world, subscription, "pause_requested")


def propose_resumption(world: World, subscription: Object, *, is_reset: bool, behavior: str) -> Proposal:
    """Work out how a paused subscription goes on: with a period that begins now, or with the rest of the one around."""
    now = world.now()
    proposal = Proposal(copy(subscription), {})
    after = proposal.after
    after |= {"status": "active", "status_details": None}
    after["billing_cycle_anchor"] = now if is_reset else after["billing_cycle_anchor"]
    for item in after["items"]["data"]:
        period = periods.around(after["billing_cycle_anchor"], rhythm_of(item["price"]), now)
        proposals.set_period(item, period)
        if is_reset:
            proposal.begun.append(item["id"])
        elif behavior != "none":
            proposals.debit(world, proposal, item, now)
    proposal.is_invoiced = is_reset or (behavior == "always_invoice" and bool(proposal.prorations))
    return proposal


def resume(world: World, subscription: Object, proposal: Proposal, *, on_success: bool) -> None:
    """Let a paused subscription go on, once the invoice for that is paid."""
    fields = proposal.changed(subscription) | {"status_details": None}
    for waiting in proposal.prorations:
        world.add("invoiceitem.created", waiting)
    items = [item for item in proposal.after["items"]["data"] if item["id"] in proposal.begun]
    if not proposal.is_invoiced:
        outcomes.go_on(world, subscription, fields, proposal.debits)
        return
    parts = invoicing.waiting(world, subscription) + billed.lines_for(world, proposal.after, items)
    invoice = invoicing.draft(world, proposal.after, parts, reason="subscription_update")
    billed.note(proposal.debits, invoice)
    subscription["latest_invoice"] = invoice["id"]
    outcomes.hold(world, invoice, fields, proposal.debits, on_attempt=not on_success)
    world.emit("invoice.created", invoice)
    invoicing.finalise(world, invoice)
    if invoice["status"] == "paid":
        outcomes.accepted(world, invoice)
    elif not on_success:
        outcomes.show_held(world, invoice)
    else:
        decline = outcomes.attempt(world, invoice, outcomes.method_of(world, subscription))
        outcomes.show_held(world, invoice, held_for=YEAR)
        if decline:
            outcomes.plan_retry(world, invoice)
