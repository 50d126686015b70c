"""Checkouts at the provider: opened, closed, paid; and what begins with them."""

from dataclasses import replace
from datetime import datetime, timedelta

from membership.clock import utc_now
from membership.gateway.errors import GatewayRefused
from membership.gateway.memory import payments
from membership.gateway.memory.billing import collect, fail_renewal, next_invoice, price_of, renew
from membership.gateway.memory.world import World, find, second
from membership.gateway.values import (
    CheckoutSnapshot,
    CheckoutStatus,
    DonationCheckout,
    InvoiceSnapshot,
    SubscriptionCheckout,
    SubscriptionSnapshot,
)
from membership.money import Money


def open_checkout(
    world: World, wish: SubscriptionCheckout | DonationCheckout, customer_id: str | None
) -> CheckoutSnapshot:
    """Open a checkout that lives as long as the provider allows: from half an hour to a day."""
    now = second(utc_now())
    if customer_id is not None:
        find(world.customers, customer_id)
    if not timedelta(minutes=30) <= wish.expires_at - now <= timedelta(hours=24):
        raise GatewayRefused
    session_id = world.new_id("cs_test")
    world.wishes[session_id] = wish
    world.checkouts[session_id] = CheckoutSnapshot(
        id=session_id,
        url=f"https://checkout.stripe.com/c/pay/{session_id}",
        status=CheckoutStatus.OPEN,
        is_paid=False,
        reference=wish.reference,
        mode="payment" if customer_id is None else "subscription",
        customer_id=customer_id,
        subscription_id=None,
        payment_intent_id=None,
        created_at=now,
    )
    return world.checkouts[session_id]


def look_at(world: World, session_id: str) -> CheckoutSnapshot:
    """Return a checkout as it is by now: an open one expires in time."""
    checkout = find(world.checkouts, session_id)
    if checkout.status is CheckoutStatus.OPEN and utc_now() >= world.wishes[session_id].expires_at:
        return expire(world, checkout)
    return checkout


def expire(world: World, checkout: CheckoutSnapshot) -> CheckoutSnapshot:
    """Close an open checkout."""
    world.checkouts[checkout.id] = replace(checkout, status=CheckoutStatus.EXPIRED, url=None)
    world.tell("checkout.session.expired", checkout.id)
    return world.checkouts[checkout.id]


def pay_checkout(world: World, session_id: str, *, is_delayed: bool) -> CheckoutSnapshot:
    """Complete an open checkout; a delayed payment is not money yet."""
    checkout, wish = look_at(world, session_id), world.wishes[session_id]
    if checkout.status is not CheckoutStatus.OPEN:
        raise GatewayRefused
    if isinstance(wish, SubscriptionCheckout):
        subscription_id = _begin(world, wish, is_delayed=is_delayed)
        checkout = replace(checkout, subscription_id=subscription_id)
    else:
        payment_id = payments.intend(world, wish.amount, wish.reference, None)
        checkout = replace(checkout, payment_intent_id=payment_id)
        if is_delayed:
            payments.set_status(world, payment_id, "processing")
        else:
            payments.charge(world, payment_id, utc_now())
    done = replace(checkout, status=CheckoutStatus.COMPLETE, is_paid=not is_delayed, url=None)
    world.checkouts[session_id] = done
    world.tell("checkout.session.completed", session_id)
    return done


def decline(world: World, session_id: str) -> CheckoutSnapshot:
    """Refuse the card on an open checkout: it stays open, and a gift leaves an attempt behind."""
    checkout, wish = look_at(world, session_id), world.wishes[session_id]
    if isinstance(wish, DonationCheckout):
        payments.intend(world, wish.amount, wish.reference, None)
    return checkout


def answer_for_bank(world: World, checkout: CheckoutSnapshot, *, fails: bool) -> CheckoutSnapshot:
    """Let a delayed payment arrive, or not."""
    payment_id = checkout.payment_intent_id or ""
    if checkout.subscription_id:
        (fail_renewal if fails else renew)(world, checkout.subscription_id)
    elif fails:
        payments.set_status(world, payment_id, "requires_payment_method")
    else:
        payments.charge(world, payment_id, utc_now())
    world.checkouts[checkout.id] = replace(checkout, is_paid=not fails)
    world.tell(f"checkout.session.async_payment_{'failed' if fails else 'succeeded'}", checkout.id)
    return world.checkouts[checkout.id]


def _begin(world: World, wish: SubscriptionCheckout, *, is_delayed: bool) -> str:
    now = second(utc_now())
    begun = SubscriptionSnapshot(
        id=world.new_id("sub"),
        item_id=world.new_id("si"),
        customer_id=wish.customer_id,
        stripe_price_id=wish.stripe_price_id,
        status="active",
        reference=wish.reference,
        started_at=now,
        period_starts_at=now,
        period_ends_at=now,
        cancel_at=None,
        ended_at=None,
        end_reason=None,
        as_of=now,
    )
    if wish.trial_ends_at is not None:
        return _begin_trial(world, replace(begun, status="trialing"), second(wish.trial_ends_at))
    world.subscriptions[begun.id] = begun
    invoice = next_invoice(world, begun, world.coupons.get(wish.promotion_code_id or ""))
    world.tell("customer.subscription.created", begun.id)
    if is_delayed:
        payments.set_status(world, invoice.payment_intent_ids[0], "processing")
    else:
        collect(world, invoice)
        world.tell("invoice.paid", invoice.id)
    return begun.id


def _begin_trial(world: World, begun: SubscriptionSnapshot, ends_at: datetime) -> str:
    world.rhythms[begun.id] = ends_at, 0
    world.subscriptions[begun.id] = replace(begun, period_ends_at=ends_at)
    world.tell("customer.subscription.created", begun.id)
    invoice_id = world.new_id("in")
    world.invoices[invoice_id] = InvoiceSnapshot(
        id=invoice_id,
        subscription_id=begun.id,
        status="paid",
        total=Money(0, price_of(world, begun.stripe_price_id).amount.currency),
        period_starts_at=begun.started_at,
        period_ends_at=ends_at,
        created_at=begun.started_at,
        attempts=0,
        paid_at=begun.started_at,
        stripe_price_id=begun.stripe_price_id,
    )
    world.tell("invoice.paid", invoice_id)
    return begun.id
