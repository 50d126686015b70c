"""A subscription's life: begun and paid, renewed at each period's end, late, recovered, ended."""

from membership.sandbox import periods
from membership.sandbox.billing import invoicing
from membership.sandbox.cards import Decline
from membership.sandbox.objects.subscriptions import subscription as render
from membership.sandbox.store import Object
from membership.sandbox.world import World

LIVE = frozenset({"active", "past_due"})
CHANGED = "customer.subscription.updated"


def start(world: World, customer: Object, line: Object, method: Object, **given: object) -> tuple[Object, Object]:
    """Begin a subscription to what a checkout's line names; return it with its first, paid invoice."""
    now = world.now()
    subscription = render(
        world, customer=customer["id"], price=line["price"], quantity=line["quantity"], method=method["id"]
    )
    subscription |= given
    world.store.add(subscription, cycles=0)
    _begin_period(world, subscription)
    invoice = invoicing.draft(world, subscription, reason="subscription_create", period=(now, now))
    world.emit("customer.subscription.created", subscription)
    world.emit("invoice.created", invoice)
    invoicing.finalise(world, invoice)
    invoicing.collect(world, invoice, method, is_first=True)
    return subscription, invoice


def renew(world: World, id: str) -> None:
    """Move to the next period at once, with a draft of its invoice; or end, where that was asked for."""
    subscription = world.store.get("subscription", id)
    if subscription["status"] not in LIVE or subscription["items"]["data"][0]["current_period_end"] > world.now():
        return
    if _is_over(world, subscription):
        end(world, subscription)
        return
    item = subscription["items"]["data"][0]
    past = (item["current_period_start"], item["current_period_end"])
    with world.changing(CHANGED, subscription):
        _begin_period(world, subscription)
        invoice = invoicing.draft(world, subscription, reason="subscription_cycle", period=past)
    world.emit("invoice.created", invoice)


def finalise_due(world: World, id: str) -> None:
    """Open a renewal's invoice and try to collect it."""
    invoice = world.store.get("invoice", id)
    if invoice["status"] == "draft" and invoice["auto_advance"]:
        invoicing.finalise(world, invoice)
        _try(world, invoice)


def collect_due(world: World, id: str) -> None:
    """Try once more to collect an invoice whose card refused."""
    invoice = world.store.get("invoice", id)
    if invoice["status"] == "open" and invoice["next_payment_attempt"] == world.now():
        _try(world, invoice)


def pay_now(world: World, invoice: Object) -> Decline | None:
    """Try to collect an open invoice because somebody asked; the planned tries stay as they are."""
    subscription = world.store.get("subscription", invoicing.subscription_of(invoice))
    decline = invoicing.collect(world, invoice, method_of(world, subscription))
    if decline is None:
        _recover(world, subscription, invoice)
    else:
        world.emit("invoice.payment_failed", invoice)
    return decline


def end_due(world: World, id: str) -> None:
    """End a subscription at the moment that was set for it."""
    subscription = world.store.get("subscription", id)
    if subscription["status"] in LIVE and _is_over(world, subscription):
        end(world, subscription)


def end(world: World, subscription: Object, reason: str = "cancellation_requested") -> None:
    """End a subscription now and for good."""
    invoicing.give_up(world, subscription)
    details = subscription["cancellation_details"]
    details["reason"] = details["reason"] or reason
    subscription["canceled_at"] = subscription["canceled_at"] or world.now()
    subscription |= {"ended_at": world.now(), "status": "canceled"}
    world.emit("customer.subscription.deleted", subscription)


def schedule_end(world: World, subscription: Object, moment: int | None, *, at_period_end: bool) -> None:
    """Set or take back the moment at which a subscription ends."""
    is_ending = moment is not None
    subscription |= {
        "cancel_at": moment,
        "cancel_at_period_end": at_period_end,
        "canceled_at": (subscription["canceled_at"] or world.now()) if is_ending else None,
    }
    subscription["cancellation_details"]["reason"] = "cancellation_requested" if is_ending else None
    if moment is not None:
        world.agenda.plan(moment, "end", subscription["id"])


def method_of(world: World, subscription: Object) -> Object:
    """Return the card that a subscription is paid with."""
    return world.store.get("payment_method", subscription["default_payment_method"])


def _begin_period(world: World, subscription: Object) -> None:
    untold, item = world.store.untold[subscription["id"]], subscription["items"]["data"][0]
    rhythm, anchor = item["price"]["recurring"], subscription["billing_cycle_anchor"]
    starts, ends = (
        periods.after(anchor, rhythm["interval"], rhythm["interval_count"] * count)
        for count in (untold["cycles"], untold["cycles"] + 1)
    )
    untold["cycles"] += 1
    item |= {"current_period_start": starts, "current_period_end": ends}
    world.agenda.plan(ends, "renew", subscription["id"])


def _try(world: World, invoice: Object) -> None:
    subscription = world.store.get("subscription", invoicing.subscription_of(invoice))
    if invoicing.collect(world, invoice, method_of(world, subscription)) is None:
        _recover(world, subscription, invoice)
    elif invoicing.plan_retry(world, invoice):
        with world.changing(CHANGED, subscription):
            subscription["status"] = "past_due"
    else:
        end(world, subscription, reason="payment_failed")


def _recover(world: World, subscription: Object, invoice: Object) -> None:
    if subscription["status"] == "past_due" and subscription["latest_invoice"] == invoice["id"]:
        with world.changing(CHANGED, subscription):
            subscription["status"] = "active"


def _is_over(world: World, subscription: Object) -> bool:
    return subscription["cancel_at"] is not None and subscription["cancel_at"] <= world.now()
