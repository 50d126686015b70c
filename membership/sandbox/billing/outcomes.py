"""What a payment, or a refusal to pay, makes of the subscription that an invoice belongs to."""

from membership.sandbox import redemption
from membership.sandbox.billing import billed, discounting, invoicing
from membership.sandbox.cards import ASKED_FOR, CARDS, Decline
from membership.sandbox.objects.subscriptions import paused
from membership.sandbox.proration import Debit
from membership.sandbox.store import Object
from membership.sandbox.world import World

CHANGED = "customer.subscription.updated"
ENDED = frozenset({"canceled", "incomplete_expired"})
NO_SUBSCRIPTION = {
    "default_payment_method": None,
    "latest_invoice": None,
    "pause_collection": None,
    "status": "canceled",
}
DAY = 24 * 3600
HELD_FOR = 23 * 3600
RETRIES = (3 * DAY, 5 * DAY, 7 * DAY)
# https://docs.stripe.com/billing/revenue-recovery/smart-retries
HOPELESS = frozenset(
    {"incorrect_number", "lost_card", "pickup_card", "stolen_card", "revocation_of_authorization"}
    | {"revocation_of_all_authorizations", "authentication_required", "highest_risk_level", "transaction_not_allowed"}
)
NO_METHOD = Decline(
    "invoice_payment_intent_requires_payment_method",
    None,
    "This customer has no attached payment source or default payment method. Please consider adding a default payment "
    "method.",
)


def subscription_of(world: World, invoice: Object) -> Object:
    """Return the subscription that an invoice belongs to, or one that has ended where there is none."""
    if invoice["parent"] is None:
        return NO_SUBSCRIPTION | {"customer": invoice["customer"]}
    return world.store.get("subscription", invoicing.subscription_of(invoice))


def method_of(world: World, subscription: Object) -> Object | None:
    """Find the card that a subscription is paid with: its own, or the customer's default one."""
    customer = world.store.get("customer", subscription["customer"])
    default = customer.get("invoice_settings", {}).get("default_payment_method")
    return world.store.find("payment_method", subscription["default_payment_method"] or default or "")


def attempt(world: World, invoice: Object, method: Object | None, *, is_first: bool = False) -> Decline | None:
    """Try to collect an open invoice; a success, or a bank debit on its way, shows on the subscription at once."""
    if method is None:
        invoice |= {"attempt_count": invoice["attempt_count"] + 1, "attempted": True}
        return NO_METHOD
    decline = invoicing.collect(world, invoice, method, is_first=is_first)
    if decline is None:
        accepted(world, invoice)
        return None
    world.store.untold[invoice["id"]]["refused"] = {"method": method["id"], "code": decline.decline_code}
    if decline is ASKED_FOR:
        world.emit("invoice.payment_action_required", invoice)
    return decline


def foresee(world: World, method: Object | None) -> Decline | None:
    """Return why a payment would be refused, if it would."""
    if method is None:
        return NO_METHOD
    card = CARDS.get(world.store.untold[method["id"]].get("number", ""))
    return card.later if card else None


def accepted(world: World, invoice: Object) -> None:
    """Bring the subscription to what it is now that an invoice is paid, or will be when its bank debit arrives."""
    subscription, untold = subscription_of(world, invoice), world.store.untold[invoice["id"]]
    if subscription["status"] in ENDED:
        return
    if invoice["status"] == "paid" and "held" in untold:
        apply_held(world, invoice)
    is_newest = subscription["latest_invoice"] == invoice["id"]
    if is_newest and subscription["status"] in {"past_due", "unpaid", "incomplete"}:
        with world.changing(CHANGED, subscription):
            subscription["status"] = "active"


def pause(world: World, subscription: Object, reason: str) -> None:
    """Let a subscription rest."""
    with world.changing(CHANGED, subscription):
        subscription |= {"pending_update": None, "status": "paused", "status_details": paused(world, reason)}
    world.emit("customer.subscription.paused", subscription)


def refused(world: World, invoice: Object) -> None:
    """Announce that nobody paid an invoice that an act of ours asked for; nobody tries again by itself."""
    world.emit("invoice.payment_failed", invoice)
    if world.store.untold[invoice["id"]].get("held", {}).get("on_attempt"):
        apply_held(world, invoice)
    fall_behind(world, subscription_of(world, invoice), invoice)


def fall_behind(world: World, subscription: Object, invoice: Object) -> None:
    """Let a subscription be late when its newest invoice is not paid."""
    if subscription["status"] in {"active", "trialing"} and subscription["latest_invoice"] == invoice["id"]:
        with world.changing(CHANGED, subscription):
            subscription["status"] = "past_due"


def plan_retry(world: World, invoice: Object) -> bool:
    """Announce that an invoice failed and plan the next try; False when that was the last."""
    has_next = _plan_next(world, invoice)
    world.emit("invoice.payment_failed", invoice)
    if has_next:
        fall_behind(world, subscription_of(world, invoice), invoice)
    return has_next


def skip_retry(world: World, invoice: Object) -> bool:
    """Count a try that is not worth making, as Stripe does, and plan the next; False when that was the last."""
    with world.changing("invoice.updated", invoice):
        invoice["attempt_count"] += 1
        return _plan_next(world, invoice)


def is_hopeless(world: World, invoice: Object, method: Object | None) -> bool:
    """Tell whether the card that would be tried has been refused for good."""
    last = world.store.untold[invoice["id"]].get("refused")
    return bool(last and method and last["method"] == method["id"] and last["code"] in HOPELESS)


def hold(
    world: World, invoice: Object, fields: Object, debits: dict[str, list[Debit]], *, on_attempt: bool = False
) -> None:
    """Keep a change until its invoice is paid, or until a payment is tried: fields, and what the items are asked."""
    stored = {id: [debit.stored() for debit in own] for id, own in debits.items()}
    world.store.untold[invoice["id"]]["held"] = {"fields": fields, "debits": stored, "on_attempt": on_attempt}


def show_held(world: World, invoice: Object, held_for: int = HELD_FOR) -> bool:
    """Show on the subscription which change still waits for its invoice to be paid; False when none does."""
    held = world.store.untold[invoice["id"]].get("held")
    if held is None:
        return False
    subscription, fields = subscription_of(world, invoice), held["fields"]
    expires_at = world.now() + held_for
    with world.changing(CHANGED, subscription):
        subscription["pending_update"] = {
            "billing_cycle_anchor": fields.get("billing_cycle_anchor"),
            "expires_at": expires_at,
            "subscription_items": fields["items"]["data"] if "items" in fields else None,
            "trial_end": fields.get("trial_end"),
            "trial_from_plan": False,
        }
    world.agenda.plan(expires_at, "expire_update", invoice["id"])
    return True


def expire_update(world: World, id: str) -> None:
    """Give up a change whose invoice nobody paid in time."""
    invoice = world.store.get("invoice", id)
    if invoice["status"] == "open" and "held" in world.store.untold[id]:
        invoicing.void(world, invoice)
        drop_held(world, invoice)


def drop_held(world: World, invoice: Object) -> None:
    """Forget a change that waits for an invoice, if one does."""
    if world.store.untold[invoice["id"]].pop("held", None) is None:
        return
    subscription = subscription_of(world, invoice)
    with world.changing(CHANGED, subscription):
        subscription["pending_update"] = None
    world.emit("customer.subscription.pending_update_expired", subscription)


def apply_held(world: World, invoice: Object) -> None:
    """Make the change come true that waited for an invoice."""
    subscription, held = subscription_of(world, invoice), world.store.untold[invoice["id"]].pop("held")
    debits = {id: [Debit(**debit) for debit in own] for id, own in held["debits"].items()}
    was_shown = subscription["pending_update"] is not None
    go_on(world, subscription, held["fields"] | {"pending_update": None}, debits)
    discounting.use_up(world, subscription, invoice)
    if was_shown:
        world.emit("customer.subscription.pending_update_applied", subscription)


def go_on(world: World, subscription: Object, fields: Object, debits: dict[str, list[Debit]]) -> None:
    """Make a change come true, and tell if it ends a pause."""
    was_paused = subscription["status"] == "paused"
    with world.changing(CHANGED, subscription):
        adopt(world, subscription, fields, debits)
    if was_paused:
        world.emit("customer.subscription.resumed", subscription)


def adopt(world: World, subscription: Object, fields: Object, debits: dict[str, list[Debit]]) -> None:
    """Make a change of a subscription come true."""
    before = set(subscription["discounts"])
    subscription |= fields
    for id in sorted(set(subscription["discounts"]) ^ before):
        discount = world.store.get("discount", id)
        if id in before:
            world.emit("customer.discount.deleted", discount)
        else:
            redemption.redeem(world, discount)
    billed.keep(world, subscription, debits)
    plan_periods(world, subscription)


def plan_periods(world: World, subscription: Object) -> None:
    """Plan what falls due at the ends of a subscription and of its periods."""
    if subscription["cancel_at"] is not None:
        world.agenda.plan(subscription["cancel_at"], "end", subscription["id"])
    for moment in {item["current_period_end"] for item in subscription["items"]["data"]}:
        world.agenda.plan(moment, "renew", subscription["id"])
    if subscription["status"] == "trialing":
        warned = max(world.now(), subscription["trial_end"] - 3 * DAY)
        world.agenda.plan(warned, "warn_of_trial_end", subscription["id"])


def _plan_next(world: World, invoice: Object) -> bool:
    tries: int = invoice["attempt_count"]
    has_next = tries <= len(RETRIES)
    invoice["next_payment_attempt"] = world.now() + RETRIES[tries - 1] if has_next else None
    invoice["auto_advance"] = has_next
    if has_next:
        world.agenda.plan(invoice["next_payment_attempt"], "collect", invoice["id"])
    return has_next
