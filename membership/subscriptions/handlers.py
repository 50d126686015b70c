"""Take committed wishes to the payment provider and keep its answers; nothing is open in between.

The same functions serve the reader who waits and the sweeper who comes after a crash: same key, same bytes.
"""

from collections.abc import Callable

from membership.db import release, session, transaction
from membership.gateway.current import gateway
from membership.gateway.errors import GatewayRefused
from membership.gateway.values import SubscriptionCheckout, SubscriptionSnapshot
from membership.subscriptions import service
from membership.subscriptions.errors import CheckoutReplaced, NoSubscription
from membership.subscriptions.models import IntentStatus, SubscriptionIntent
from membership.web import public_url


def open_checkout(reference: str) -> str:
    """Open the checkout of an intent, or find the one that was opened; return where to pay.

    Raises CheckoutReplaced when another wish took its place meanwhile.
    """
    try:
        _make_customer(reference)
        wish = _wish(service.get_intent(session(), reference))
        release()
        checkout = gateway().open_subscription_checkout(wish, key=f"checkout:{reference}")
    except GatewayRefused:
        with transaction() as current:
            service.fail_intent(current, reference)
        raise
    with transaction() as current:
        status = service.record_checkout(current, reference, checkout).status
    if status in {IntentStatus.EXPIRED, IntentStatus.FAILED}:
        close_checkout(checkout.id)
        raise CheckoutReplaced
    return checkout.url or thanks_url(checkout.id)


def close_checkout(session_id: str) -> bool:
    """Close a checkout at the provider; return whether that was still possible: it may be paid, or closed already."""
    try:
        gateway().expire_checkout(session_id)
    except GatewayRefused:
        return False
    return True


def thanks_url(session_id: str) -> str:
    """Return the page that tells what became of a checkout."""
    return f"{public_url('support.thank')}?session_id={session_id}"


def _make_customer(reference: str) -> None:
    """Make the patron's one customer, and commit it, before her first checkout."""
    patron = service.get_intent(session(), reference).patron
    if patron.stripe_customer_id is not None:
        return
    patron_id, public_id, email = patron.id, patron.public_id, patron.email or ""
    release()
    # Without her name: she may change it between two tries, and the same key must carry the same bytes.
    customer_id = gateway().create_customer(email=email, name="", reference=public_id, key=f"customer:{public_id}")
    with transaction() as current:
        service.record_customer(current, patron_id, customer_id)


def _wish(intent: SubscriptionIntent) -> SubscriptionCheckout:
    price = intent.price
    return SubscriptionCheckout(
        reference=intent.reference,
        customer_id=intent.patron.stripe_customer_id or "",
        stripe_price_id=price.stripe_price_id or "",
        locale=intent.locale,
        success_url=thanks_url("{CHECKOUT_SESSION_ID}"),
        cancel_url=public_url("support.ask", tier=price.tier.slug, interval=price.interval.value),
        expires_at=intent.expires_at,
        trial_ends_at=intent.trial_ends_at,
    )


def stop(patron_id: int) -> None:
    """End the patron's subscription with the period that she paid for; again changes nothing. Raises NoSubscription."""
    change = service.plan_stop(session(), patron_id)
    _apply(change, gateway().cancel_at_period_end, lambda now: now.cancel_at or now.ended_at)


def go_on(patron_id: int) -> None:
    """Take an ending back; again changes nothing. Raises NoSubscription."""
    change = service.plan_continuation(session(), patron_id)
    _apply(change, gateway().undo_cancellation, lambda now: not (now.cancel_at or now.ended_at))


def end_now(stripe_subscription_id: str) -> None:
    """End a subscription at once, a surplus one too; again changes nothing. Raises UnknownSubscription."""
    change = service.plan_end(session(), stripe_subscription_id)
    _apply(change, gateway().cancel_now, lambda now: now.ended_at)


def _apply(
    change: service.Change,
    ask: Callable[..., SubscriptionSnapshot],
    is_done: Callable[[SubscriptionSnapshot], object],
) -> None:
    release()
    if not change.is_needed:
        return
    try:
        _mirror(ask(change.stripe_subscription_id, key=change.key))
    except GatewayRefused:
        # It may have been changed elsewhere, in the portal or by an end that we have not heard of yet.
        found = gateway().get_subscription(change.stripe_subscription_id)
        _mirror(found)
        if is_done(found):
            return
        if found.ended_at is not None:
            raise NoSubscription from None
        raise


def _mirror(snapshot: SubscriptionSnapshot) -> None:
    with transaction() as current:
        service.sync_subscription(current, snapshot)
