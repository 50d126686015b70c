"""Subscriptions that change at the provider: their price, their pause."""

from dataclasses import replace
from datetime import datetime, timedelta

from membership.clock import utc_now
from membership.gateway.errors import GatewayRefused
from membership.gateway.memory import billing
from membership.gateway.memory.rules import LEAST, STEPS, months_after
from membership.gateway.memory.world import World, find, second
from membership.gateway.values import InvoiceSnapshot, Preview, PriceChange, SubscriptionSnapshot
from membership.money import Money

# A change waits so long for its payment: https://docs.stripe.com/billing/subscriptions/pending-updates
PATIENCE = timedelta(hours=23)


def preview(world: World, change: PriceChange) -> Preview:
    """Return what a change costs: the rest of the period at the new price, less what was paid for it at the old."""
    subscription = billing.living(world, change.subscription_id)
    before = billing.price_of(world, subscription.stripe_price_id)
    after = billing.price_of(world, change.stripe_price_id)
    if before.amount.currency != after.amount.currency:
        raise GatewayRefused
    starts, ends = subscription.period_starts_at, subscription.period_ends_at
    credit = _share(before.amount, ends - change.at, ends - starts)
    begins_anew = before.interval != after.interval
    charge = after.amount if begins_anew else _share(after.amount, ends - change.at, ends - starts)
    owed = (charge - credit).minor + world.carried.get(subscription.id, 0)
    due = owed if owed >= LEAST else 0
    return Preview(credit, charge, *(Money(max(0, minor), charge.currency) for minor in (due, owed - due)))


def _share(amount: Money, part: timedelta, whole: timedelta) -> Money:
    of, over = amount.minor * int(part.total_seconds()), int(whole.total_seconds())
    return Money((2 * of + over) // (2 * over), amount.currency)


def change_price(world: World, change: PriceChange) -> SubscriptionSnapshot:
    """Charge the difference, and change the price when that is paid."""
    subscription, shown = billing.living(world, change.subscription_id), preview(world, change)
    drop_plan(world, subscription.id)
    if subscription.customer_id in world.bad_cards:
        waiting = replace(subscription, pending_until=second(utc_now()) + PATIENCE)
        return _keep(world, waiting)
    changed = _moved(world, replace(subscription, stripe_price_id=change.stripe_price_id), subscription)
    world.carried[changed.id] = 0
    if shown.due.minor:
        starts = change.at if changed.period_ends_at == subscription.period_ends_at else changed.period_starts_at
        period = (starts, changed.period_ends_at)
        invoice = billing.write_invoice(world, changed, shown.due, period, at=second(utc_now()))
        billing.collect(world, invoice)
        world.tell("invoice.paid", invoice.id)
    world.carried[changed.id] = shown.carried.minor
    return _keep(world, changed)


def _moved(world: World, changed: SubscriptionSnapshot, before: SubscriptionSnapshot) -> SubscriptionSnapshot:
    intervals = [billing.price_of(world, one.stripe_price_id).interval for one in (before, changed)]
    if intervals[0] == intervals[1]:
        return changed
    now, step = second(utc_now()), STEPS[intervals[1]]
    world.rhythms[changed.id] = now, step
    return replace(changed, period_starts_at=now, period_ends_at=months_after(now, step))


def plan_price(world: World, subscription_id: str, price_id: str) -> SubscriptionSnapshot:
    """Change the price when the period ends."""
    subscription = billing.living(world, subscription_id)
    planned = replace(subscription, next_price_id=price_id, next_price_at=subscription.period_ends_at)
    return _keep(world, planned)


def drop_plan(world: World, subscription_id: str) -> SubscriptionSnapshot:
    """Let the price stay as it is."""
    subscription = billing.living(world, subscription_id)
    if subscription.next_price_id is None:
        return subscription
    return _keep(world, replace(subscription, next_price_id=None, next_price_at=None))


def move_price(world: World, subscription_id: str, price_id: str) -> SubscriptionSnapshot:
    """Ask for another price from the next renewal on."""
    moved = replace(billing.living(world, subscription_id), stripe_price_id=price_id)
    return _keep(world, moved)


def pause(world: World, subscription_id: str, until: datetime) -> SubscriptionSnapshot:
    """Ask for nothing until a moment."""
    drop_plan(world, subscription_id)
    paused = replace(billing.living(world, subscription_id), paused_until=second(until))
    return _keep(world, paused)


def resume(world: World, subscription_id: str, *, charge_now: bool) -> SubscriptionSnapshot:
    """Ask again; at once, for a period that begins now, if that is wanted."""
    resumed = replace(billing.living(world, subscription_id), paused_until=None)
    _keep(world, resumed)
    if charge_now:
        world.rhythms[subscription_id] = second(utc_now()), 0
        billing.renew(world, subscription_id)
    return world.subscriptions[subscription_id]


def pay(world: World, invoice_id: str) -> InvoiceSnapshot:
    """Charge an open invoice now."""
    invoice = find(world.invoices, invoice_id)
    subscription = billing.living(world, invoice.subscription_id or "")
    if invoice.status != "open" or subscription.customer_id in world.bad_cards:
        raise GatewayRefused
    billing.renew(world, subscription.id)
    return world.invoices[invoice_id]


def void(world: World, invoice_id: str) -> InvoiceSnapshot:
    """Ask for an open invoice no more."""
    invoice = find(world.invoices, invoice_id)
    if invoice.status != "open":
        raise GatewayRefused
    world.invoices[invoice_id] = replace(invoice, status="void")
    world.tell("invoice.voided", invoice_id)
    return world.invoices[invoice_id]


def _keep(world: World, subscription: SubscriptionSnapshot) -> SubscriptionSnapshot:
    world.subscriptions[subscription.id] = subscription
    world.tell("customer.subscription.updated", subscription.id)
    return subscription


def reopen(world: World, payment_id: str) -> None:
    """Ask again for an invoice whose payment came back, if it was one's."""
    for invoice in list(world.invoices.values()):
        if payment_id in invoice.payment_intent_ids:
            world.invoices[invoice.id] = replace(invoice, status="open", paid_at=None)
            billing.change(world, billing.living(world, invoice.subscription_id or "").id, status="past_due")
            world.tell("invoice.payment_failed", invoice.id)
