"""Standing orders that change: their price, their pause."""

from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

from membership.clock import utc_now
from membership.db import release, session, transaction
from membership.errors import GatewayFailed
from membership.gateway.current import gateway
from membership.gateway.errors import GatewayRefused
from membership.gateway.values import Preview, PriceChange, SubscriptionSnapshot
from membership.subscriptions import service
from membership.subscriptions.handlers.standing import apply, mirror
from membership.subscriptions.models import ChangeMoment, ChangeStatus
from membership.tiers.handlers import make_price

# Stripe may forget a key after a day, and a forgotten key would charge a change twice:
# https://docs.stripe.com/api/idempotent_requests
KEY_LIFE = timedelta(hours=20)


def preview(patron_id: int, price_id: int, at: datetime) -> Preview | None:
    """Return what a change would cost if it were made at a moment; none if it begins when the period ends.

    Raises NoSubscription or why it cannot be changed.
    """
    make_price(price_id)
    plan = service.plan_preview(session(), patron_id, price_id, at)
    release()
    return gateway().preview_change(plan.wish) if plan.moment is ChangeMoment.NOW else None


def change(patron_id: int, price_id: int, counted_from: datetime) -> ChangeStatus:
    """Change what is given; return whether that is done, or waits for its payment. The same may be asked twice.

    Raises NoSubscription, why it cannot be changed, or GatewayRefused.
    """
    look_again(patron_id)
    if service.was_just_changed(session(), patron_id, price_id, utc_now()):
        return ChangeStatus.DONE
    make_price(price_id)
    with transaction() as current:
        plan = service.intend_change(current, patron_id, price_id, counted_from)
    return ask_for_change(plan)


def ask_for_change(plan: service.ChangePlan) -> ChangeStatus:
    """Ask the provider for a change and record its answer; a refusal is final, silence is not."""
    try:
        snapshot = _ask(plan.wish, plan.moment, plan.key)
    except GatewayRefused:
        found = gateway().get_subscription(plan.wish.subscription_id)
        with transaction() as current:
            service.sync_subscription(current, found)
            service.fail_change(current, plan.reference)
        raise
    with transaction() as current:
        return service.record_change(current, plan.reference, snapshot).status


def _ask(wish: PriceChange, moment: ChangeMoment, key: str) -> SubscriptionSnapshot:
    if moment is ChangeMoment.NOW:
        return gateway().change_price(wish, key=key)
    return gateway().schedule_price(wish.subscription_id, wish.stripe_price_id, key=key)


def finish_change(plan: service.ChangePlan) -> None:
    """Ask again for a change that got no answer; one whose key may be forgotten is only looked for."""
    if plan.created_at > utc_now() - KEY_LIFE:
        ask_for_change(plan)
        return
    found = gateway().get_subscription(plan.wish.subscription_id)
    with transaction() as current:
        service.record_change(current, plan.reference, found)


def keep_price(patron_id: int) -> None:
    """Let a planned change not happen; again changes nothing. Raises NoSubscription."""
    plan = service.plan_release(session(), patron_id)
    apply(plan, gateway().drop_schedule, lambda now: now.next_price_id is None)


def go_on(patron_id: int) -> None:
    """Take an ending back, and plan again what was planned before it; again changes nothing. Raises NoSubscription."""
    change = service.plan_continuation(session(), patron_id)
    apply(change, gateway().undo_cancellation, lambda now: not (now.cancel_at or now.ended_at))
    plan = service.find_started_plan(session(), patron_id)
    release()
    if plan is not None:
        # Without an answer the sweeper asks again.
        with suppress(GatewayFailed):
            ask_for_change(plan)


def look_again(patron_id: int) -> None:
    """Mirror the patron's subscription as it is now, so that what is planned next starts from that."""
    stripe_id = service.get_live_subscription(session(), patron_id).stripe_subscription_id
    release()
    mirror(gateway().get_subscription(stripe_id))


def pause(patron_id: int, months: int) -> None:
    """Ask for nothing for some months; raises NoSubscription and why it cannot be paused."""
    plan = service.plan_pause(session(), patron_id, months)
    assert plan.until is not None
    apply(plan.change, partial(gateway().pause, until=plan.until), lambda now: now.paused_until)


def resume(patron_id: int, now: datetime) -> None:
    """Go on before a pause is over, charged at once when what was paid for is used up; again changes nothing."""
    look_again(patron_id)
    plan = service.plan_resumption(session(), patron_id, now)
    ask = partial(gateway().resume, charge_now=plan.charge_now)
    apply(plan.change, ask, lambda found: found.paused_until is None)
