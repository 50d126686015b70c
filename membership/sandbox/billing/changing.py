"""How a proposed change comes true: at once, with an invoice, or only when that invoice is paid; and its preview."""

from membership.sandbox.billing import billed, discounting, invoicing, outcomes, proposals
from membership.sandbox.billing.outcomes import CHANGED, foresee, method_of
from membership.sandbox.billing.proposals import Proposal
from membership.sandbox.cards import Decline
from membership.sandbox.store import Object
from membership.sandbox.world import World, copy


def change(world: World, subscription: Object, proposal: Proposal, fields: Object, behavior: str) -> None:
    """Carry out a proposal together with other new fields, as the payment behaviour says."""
    fields = proposal.changed(subscription) | fields
    if subscription["pending_update"] and (proposal.is_invoiced or "items" in fields):
        outcomes.expire_update(world, subscription["latest_invoice"])
    for waiting in proposal.prorations:
        world.add("invoiceitem.created", waiting)
    if proposal.is_invoiced:
        _change_with_invoice(world, subscription, proposal, fields, behavior)
    else:
        outcomes.go_on(world, subscription, fields, proposal.debits)


def refusal(world: World, subscription: Object, proposal: Proposal) -> Decline | None:
    """Return why the payment for a proposal would be refused, if it asks for one."""
    due = render(world, subscription, proposal) if proposal.is_invoiced else None
    if due is None or not due["amount_due"]:
        return None
    return foresee(world, method_of(world, subscription))


def render(world: World, subscription: Object, proposal: Proposal, *, is_recurring: bool = False) -> Object | None:
    """Render the next invoice as it would be after a proposal: at once, or at the end of the period; None if none."""
    after, parts = proposal.after, invoicing.waiting(world, subscription) + proposal.prorations
    if proposal.is_invoiced and not is_recurring:
        items = [item for item in after["items"]["data"] if item["id"] in proposal.begun]
    else:
        after, items = _next(after)
        parts = [] if is_recurring else parts
    parts = parts + billed.lines_for(world, after, items)
    return invoicing.render(world, after, parts, reason="upcoming") if parts else None


def _next(after: Object) -> tuple[Object, list[Object]]:
    after = copy(after)
    moment = min(item["current_period_end"] for item in after["items"]["data"])
    if after["cancel_at"] is not None and after["cancel_at"] <= moment:
        return after, []
    if after["status"] == "trialing":
        after["status"] = "active"
    return after, proposals.advance(after, moment)


def _change_with_invoice(world: World, subscription: Object, proposal: Proposal, fields: Object, behavior: str) -> None:
    items = [item for item in proposal.after["items"]["data"] if item["id"] in proposal.begun]
    parts = invoicing.waiting(world, subscription) + billed.lines_for(world, proposal.after, items)
    invoice = invoicing.draft(world, proposal.after, parts, reason="subscription_update")
    billed.note(proposal.debits, invoice)
    is_held = behavior == "pending_if_incomplete" and invoice["amount_due"] > 0
    with world.changing(CHANGED, subscription):
        subscription["latest_invoice"] = invoice["id"]
        if is_held:
            outcomes.hold(world, invoice, fields, proposal.debits)
        else:
            outcomes.adopt(world, subscription, fields, proposal.debits)
            discounting.use_up(world, subscription, invoice)
    world.emit("invoice.created", invoice)
    invoicing.finalise(world, invoice)
    if invoice["status"] == "open":
        _ask(world, subscription, invoice, behavior)


def _ask(world: World, subscription: Object, invoice: Object, behavior: str) -> None:
    if behavior == "default_incomplete":
        outcomes.fall_behind(world, subscription, invoice)
        return
    decline = outcomes.attempt(world, invoice, method_of(world, subscription))
    is_held = outcomes.show_held(world, invoice)
    if decline and is_held:
        world.emit("invoice.payment_failed", invoice)
    elif decline:
        outcomes.plan_retry(world, invoice)
