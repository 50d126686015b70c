"""Subscriptions at the provider: renewed in calendar months, late, ended."""

from dataclasses import replace
from datetime import datetime

from membership.clock import utc_now
from membership.gateway.errors import GatewayRefused
from membership.gateway.memory import payments
from membership.gateway.memory.rules import STEPS, months_after, reduced
from membership.gateway.memory.world import ListedPrice, World, find, second
from membership.gateway.values import (
    CouponWish,
    InvoiceSnapshot,
    SubscriptionSnapshot,
)
from membership.money import Money

UNLISTED = ListedPrice("", Money(500, "eur"), "month")


def price_of(world: World, price_id: str) -> ListedPrice:
    """Return a price; one that only a test's rows know costs what the factories say."""
    return world.prices.get(price_id, UNLISTED)


def renew(world: World, subscription_id: str) -> SubscriptionSnapshot:
    """Charge what is owed, else the next period; a subscription that was to end here ends instead."""
    subscription = living(world, subscription_id)
    owed = owed_by(world, subscription_id)
    if subscription.cancel_at is not None and owed is None:
        return end(world, subscription_id, "cancellation_requested", subscription.cancel_at)
    invoice = owed or next_invoice(world, subscription)
    if invoice.status == "void":
        return world.subscriptions[subscription_id]
    collect(world, invoice)
    renewed = change(world, subscription_id, status="active")
    world.tell("invoice.paid", invoice.id)
    return renewed


def fail_renewal(world: World, subscription_id: str) -> SubscriptionSnapshot:
    """Try in vain to charge what is owed, else the next period."""
    subscription = living(world, subscription_id)
    invoice = owed_by(world, subscription_id) or next_invoice(world, subscription)
    world.invoices[invoice.id] = replace(invoice, attempts=invoice.attempts + 1)
    payments.set_status(world, invoice.payment_intent_ids[0], "requires_payment_method")
    late = change(world, subscription_id, status="past_due")
    world.tell("invoice.payment_failed", invoice.id)
    return late


def end(world: World, subscription_id: str, reason: str, at: datetime) -> SubscriptionSnapshot:
    """End a subscription for good."""
    subscription = living(world, subscription_id)
    ended = replace(subscription, status="canceled", ended_at=second(at), end_reason=reason)
    world.subscriptions[subscription_id] = ended
    world.tell("customer.subscription.deleted", subscription_id)
    return ended


def change(
    world: World, subscription_id: str, *, status: str | None = None, cancel_at: datetime | None = None
) -> SubscriptionSnapshot:
    """Set the status, keeping the rest; or without one the day of its end, None for no end."""
    subscription = living(world, subscription_id)
    changed = replace(subscription, status=status) if status else replace(subscription, cancel_at=cancel_at)
    world.subscriptions[subscription_id] = changed
    world.tell("customer.subscription.updated", subscription_id)
    return changed


def living(world: World, subscription_id: str) -> SubscriptionSnapshot:
    """Return a subscription that has not ended; an ended one takes no changes."""
    subscription = find(world.subscriptions, subscription_id)
    if subscription.ended_at is not None:
        raise GatewayRefused
    return subscription


def next_invoice(world: World, subscription: SubscriptionSnapshot, coupon: CouponWish | None = None) -> InvoiceSnapshot:
    """Write the invoice of the next period, at the price that is planned for it; it is void while nothing is asked."""
    anchor, months = world.rhythms.get(subscription.id, (subscription.started_at, 0))
    starts = months_after(anchor, months)
    subscription = _turn(subscription, starts)
    price = price_of(world, subscription.stripe_price_id)
    world.rhythms[subscription.id] = anchor, months + STEPS[price.interval]
    ends = months_after(anchor, months + STEPS[price.interval])
    total = reduced(price.amount, coupon.off) if coupon else price.amount
    invoice = write_invoice(world, subscription, total, (starts, ends), at=starts)
    world.subscriptions[subscription.id] = replace(subscription, period_starts_at=starts, period_ends_at=ends)
    return invoice


def _turn(subscription: SubscriptionSnapshot, now: datetime) -> SubscriptionSnapshot:
    """Let what was planned for this moment happen: another price, the end of a pause."""
    if subscription.next_price_at and subscription.next_price_id and subscription.next_price_at <= now:
        price_id = subscription.next_price_id
        subscription = replace(subscription, stripe_price_id=price_id, next_price_id=None, next_price_at=None)
    if subscription.paused_until and subscription.paused_until <= now:
        subscription = replace(subscription, paused_until=None)
    return subscription


def write_invoice(
    world: World, subscription: SubscriptionSnapshot, total: Money, period: tuple[datetime, datetime], *, at: datetime
) -> InvoiceSnapshot:
    """Write an invoice down, open unless the subscription is paused."""
    is_paused = subscription.paused_until is not None
    asked = total if is_paused else total + Money(world.carried.pop(subscription.id, 0), total.currency)
    intents = () if is_paused else (payments.intend(world, asked, "", subscription.customer_id),)
    invoice = InvoiceSnapshot(
        id=world.new_id("in"),
        subscription_id=subscription.id,
        status="void" if is_paused else "open",
        total=total,
        period_starts_at=period[0],
        period_ends_at=period[1],
        created_at=at,
        attempts=0,
        paid_at=None,
        payment_intent_ids=intents,
        stripe_price_id=subscription.stripe_price_id,
    )
    world.invoices[invoice.id] = invoice
    if is_paused:
        world.tell("invoice.voided", invoice.id)
    return invoice


def owed_by(world: World, subscription_id: str) -> InvoiceSnapshot | None:
    """Return the invoice that waits to be paid, if any."""
    mine = (one for one in world.invoices.values() if one.subscription_id == subscription_id)
    return next((one for one in mine if one.status == "open"), None)


def collect(world: World, invoice: InvoiceSnapshot) -> None:
    """Charge an invoice."""
    at = second(max(utc_now(), invoice.created_at))
    payments.charge(world, invoice.payment_intent_ids[0], at)
    world.invoices[invoice.id] = replace(invoice, status="paid", attempts=invoice.attempts + 1, paid_at=at)
