"""A subscription from period to period: renewed at each one's end, late, recovered, ended."""

from membership.sandbox.billing import billed, discounting, invoicing, outcomes, proposals
from membership.sandbox.billing.outcomes import method_of
from membership.sandbox.cards import Decline
from membership.sandbox.store import Object
from membership.sandbox.world import World

CHANGED = outcomes.CHANGED
LIVE = frozenset({"active", "incomplete", "past_due", "paused", "trialing", "unpaid"})
RENEWING = frozenset({"active", "past_due", "trialing", "unpaid"})


def renew(world: World, id: str) -> None:
    """Move to the next period at once, with a draft of its invoice; or end, where that was asked for."""
    subscription = world.store.get("subscription", id)
    over = [item for item in subscription["items"]["data"] if item["current_period_end"] <= world.now()]
    if subscription["status"] not in RENEWING or not over:
        return
    if _is_over(world, subscription):
        end(world, subscription)
    elif _ends_trial(world, subscription):
        _renew(world, subscription, over)


def _renew(world: World, subscription: Object, over: list[Object]) -> None:
    since = min(item["current_period_start"] for item in over)
    with world.changing(CHANGED, subscription):
        if subscription["status"] == "trialing":
            subscription["status"] = "active"
        moved = proposals.advance(subscription, world.now())
        invoice = draft(world, subscription, moved, reason="subscription_cycle", since=since)
        outcomes.plan_periods(world, subscription)
        if subscription["status"] == "unpaid":
            invoice["auto_advance"] = False
        else:
            invoicing.plan_finalisation(world, invoice)
        discounting.use_up(world, subscription, invoice)
    world.emit("invoice.created", invoice)


def draft(world: World, subscription: Object, items: list[Object], *, reason: str, since: int | None = None) -> Object:
    """Make the invoice over what waits for one and over the current periods of these items."""
    parts = invoicing.waiting(world, subscription) + billed.lines_for(world, subscription, items)
    invoice = invoicing.draft(world, subscription, parts, reason=reason, since=since)
    debits = billed.debits_of(world, subscription)
    billed.note(debits, invoice)
    billed.keep(world, subscription, debits)
    subscription["latest_invoice"] = invoice["id"]
    return invoice


def finalise_due(world: World, id: str) -> None:
    """Open a renewal's invoice and try to collect it, unless collection is paused."""
    invoice = world.store.get("invoice", id)
    if invoice["status"] != "draft" or not invoice["auto_advance"]:
        return
    rest = outcomes.subscription_of(world, invoice)["pause_collection"]
    if rest and rest["behavior"] == "keep_as_draft":
        invoice |= {"auto_advance": False, "automatically_finalizes_at": None}
        return
    invoicing.finalise(world, invoice)
    if invoice["status"] == "paid":
        outcomes.accepted(world, invoice)
    elif rest:
        {"void": invoicing.void, "mark_uncollectible": invoicing.mark_uncollectible}[rest["behavior"]](world, invoice)
    else:
        collect(world, invoice)


def collect_due(world: World, id: str) -> None:
    """Try once more to collect an invoice whose card refused."""
    invoice = world.store.get("invoice", id)
    if invoice["status"] == "open" and invoice["next_payment_attempt"] == world.now():
        collect(world, invoice)


def collect(world: World, invoice: Object) -> None:
    """Try to collect an invoice; plan the next try, or end the subscription after the last."""
    subscription = outcomes.subscription_of(world, invoice)
    method = method_of(world, subscription)
    if outcomes.is_hopeless(world, invoice, method):
        has_next = outcomes.skip_retry(world, invoice)
    elif outcomes.attempt(world, invoice, method) is None:
        return
    else:
        has_next = outcomes.plan_retry(world, invoice)
    if not has_next:
        give_up(world, subscription)


def give_up(world: World, subscription: Object) -> None:
    """End a subscription that nobody pays for, or leave it as the terms of the account say."""
    if subscription["status"] not in RENEWING:
        return
    if world.terms.unpaid_become == "canceled":
        end(world, subscription, reason="payment_failed")
        return
    with world.changing(CHANGED, subscription):
        subscription["status"] = str(world.terms.unpaid_become)


def pay_now(world: World, invoice: Object, method: Object | None = None) -> Decline | None:
    """Try to collect an open invoice because somebody asked; the planned tries stay as they are."""
    subscription = outcomes.subscription_of(world, invoice)
    decline = outcomes.attempt(world, invoice, method or method_of(world, subscription))
    if decline is not None:
        outcomes.refused(world, invoice)
    return decline


def end_due(world: World, id: str) -> None:
    """End a subscription at the moment that was set for it."""
    subscription = world.store.get("subscription", id)
    if subscription["status"] in LIVE and _is_over(world, subscription):
        if world.store.untold[subscription["id"]].get("prorates_end"):
            give_back(world, subscription)
        end(world, subscription)


def give_back(world: World, subscription: Object) -> None:
    """Let invoice items wait that give back the time after now."""
    proposal = proposals.give_back(world, subscription)
    for waiting in proposal.prorations:
        world.add("invoiceitem.created", waiting)
    billed.keep(world, subscription, proposal.debits)


def end(world: World, subscription: Object, reason: str | None = "cancellation_requested") -> None:
    """End a subscription now and for good; its invoices stay as they are, and nobody asks for them any more."""
    for invoice in world.store.where("invoice", customer=subscription["customer"]):
        if invoicing.subscription_of(invoice) == subscription["id"] and invoice["status"] in {"draft", "open"}:
            invoice |= {"auto_advance": False, "automatically_finalizes_at": None, "next_payment_attempt": None}
    details = subscription["cancellation_details"]
    details["reason"] = details["reason"] or reason
    subscription["canceled_at"] = subscription["canceled_at"] or world.now()
    if subscription["schedule"]:
        detach(world, subscription, "canceled")
    subscription |= {"ended_at": world.now(), "pending_update": None, "status": "canceled"}
    world.emit("customer.subscription.deleted", subscription)


def detach(world: World, subscription: Object, status: str) -> None:
    """Part a subscription from its schedule, which is released, completed or canceled by that."""
    schedule = world.store.get("subscription_schedule", subscription["schedule"])
    if schedule["status"] != "active":
        return
    schedule |= {"current_phase": None, "status": status, f"{status}_at": world.now()}
    if status == "released":
        schedule |= {"released_subscription": subscription["id"], "subscription": None}
        with world.changing(CHANGED, subscription):
            subscription["schedule"] = None
    world.emit(f"subscription_schedule.{status}", schedule)


def ending(world: World, subscription: Object, moment: int | None, *, at_period_end: bool) -> Object:
    """Return the fields that say when a subscription ends, or that it does not."""
    is_ending = moment is not None
    reason = "cancellation_requested" if is_ending else None
    return {
        "cancel_at": moment,
        "cancel_at_period_end": at_period_end,
        "canceled_at": (subscription["canceled_at"] or world.now()) if is_ending else None,
        "cancellation_details": subscription["cancellation_details"] | {"reason": reason},
    }


def expire_incomplete(world: World, id: str) -> None:
    """Close a subscription that nobody paid for within 23 hours."""
    subscription = world.store.get("subscription", id)
    if subscription["status"] != "incomplete":
        return
    invoice = world.store.get("invoice", subscription["latest_invoice"])
    if invoice["status"] == "open":
        invoicing.void(world, invoice)
    with world.changing(CHANGED, subscription):
        subscription |= {"ended_at": world.now(), "status": "incomplete_expired"}


def warn_of_trial_end(world: World, id: str) -> None:
    """Tell that a trial ends in three days."""
    subscription = world.store.get("subscription", id)
    ends = subscription["trial_end"]
    if subscription["status"] == "trialing" and ends and ends - 3 * outcomes.DAY <= world.now():
        world.emit("customer.subscription.trial_will_end", subscription)


def resume_collection(world: World, id: str) -> None:
    """Collect again from a subscription at the moment that was set for it."""
    subscription = world.store.get("subscription", id)
    rest = subscription["pause_collection"]
    if rest and rest["resumes_at"] and rest["resumes_at"] <= world.now():
        with world.changing(CHANGED, subscription):
            subscription["pause_collection"] = None


def _ends_trial(world: World, subscription: Object) -> bool:
    if subscription["status"] != "trialing" or method_of(world, subscription):
        return True
    match subscription["trial_settings"]["end_behavior"]["missing_payment_method"]:
        case "cancel":
            end(world, subscription, reason=None)
        case "pause":
            outcomes.pause(world, subscription, "trial_end_without_payment_method")
        case _:
            return True
    return False


def _is_over(world: World, subscription: Object) -> bool:
    return subscription["cancel_at"] is not None and subscription["cancel_at"] <= world.now()
