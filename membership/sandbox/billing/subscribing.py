"""How a subscription begins: with a trial, with a part of a period, or with a whole one; paid at once, or waiting."""

from dataclasses import dataclass, field

from membership.sandbox import periods, redemption
from membership.sandbox.billing import discounting, invoicing, outcomes, proposals, renewing
from membership.sandbox.billing.proposals import Proposal
from membership.sandbox.objects.catalogue import rhythm_of
from membership.sandbox.objects.subscriptions import item as render_item
from membership.sandbox.objects.subscriptions import subscription as render
from membership.sandbox.store import Object
from membership.sandbox.world import World

EXPIRES_AFTER = 23 * 3600


@dataclass(frozen=True)
class Opening:
    """A subscription as it is wished for: prices with quantities, and from when on whole periods are paid."""

    customer: str
    currency: str
    items: list[tuple[Object, int]]
    trial_end: int | None = None
    anchor: int | None = None
    prorates: bool = True
    given: Object = field(default_factory=dict)


def render_opening(world: World, opening: Opening) -> Proposal:
    """Render the subscription, and what is to be paid first; nothing is kept."""
    after = render(world, customer=opening.customer, currency=opening.currency, **opening.given)
    now, trial = world.now(), opening.trial_end
    after["billing_cycle_anchor"] = trial or opening.anchor or now
    if trial:
        after |= {"status": "trialing", "trial_end": trial, "trial_start": now}
    proposal = Proposal(after, {}, is_invoiced=True)
    for price, quantity in opening.items:
        item = render_item(world, after["id"], price, quantity)
        after["items"]["data"].append(item)
        period = periods.around(after["billing_cycle_anchor"], rhythm_of(price), now)
        proposals.set_period(item, (now, trial) if trial else (now, period[1]))
    for item in after["items"]["data"]:
        if trial or after["billing_cycle_anchor"] <= now:
            proposal.begun.append(item["id"])
        elif opening.prorates:
            proposals.debit(world, proposal, item, now)
    return proposal


def start(world: World, proposal: Proposal) -> tuple[Object, Object]:
    """Keep a subscription with its open first invoice; it is incomplete until that is paid."""
    subscription = world.store.add(proposal.after)
    outcomes.adopt(world, subscription, {}, proposal.debits)
    for waiting in proposal.prorations:
        world.add("invoiceitem.created", waiting)
    items = [item for item in subscription["items"]["data"] if item["id"] in proposal.begun]
    invoice = renewing.draft(world, subscription, items, reason="subscription_create")
    status = subscription["status"]
    subscription["status"] = "incomplete" if invoice["amount_due"] else status
    world.emit("customer.subscription.created", subscription)
    for id in subscription["discounts"]:
        redemption.redeem(world, world.store.get("discount", id))
    world.emit("invoice.created", invoice)
    invoicing.finalise(world, invoice)
    discounting.use_up(world, subscription, invoice)
    return subscription, invoice


def pay_first(world: World, subscription: Object, invoice: Object, method: Object | None, *, is_first: bool) -> None:
    """Try to pay the first invoice; without success the subscription waits 23 hours."""
    if invoice["status"] == "open" and outcomes.attempt(world, invoice, method, is_first=is_first):
        world.emit("invoice.payment_failed", invoice)
        wait(world, subscription)


def wait(world: World, subscription: Object) -> None:
    """Give a subscription 23 hours to be paid for."""
    if subscription["status"] == "incomplete":
        world.agenda.plan(world.now() + EXPIRES_AFTER, "expire_incomplete", subscription["id"])
