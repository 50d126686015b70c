"""Standing orders that end."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from membership.db import release, session, transaction
from membership.gateway.current import gateway
from membership.gateway.errors import GatewayRefused
from membership.gateway.values import SubscriptionSnapshot
from membership.subscriptions import service
from membership.subscriptions.errors import NoSubscription


def stop(patron_id: int) -> None:
    """End the patron's subscription with the period that she paid for; again changes nothing. Raises NoSubscription.

    While a payment is late there is no such period: then it ends at once, and nothing is tried any more.
    """
    with transaction() as current:
        service.set_plan_aside(current, patron_id)
        change = service.plan_stop(current, patron_id)
    if change.is_late:
        end_now(change.stripe_subscription_id)
    else:
        apply(change, gateway().cancel_at_period_end, lambda now: now.cancel_at or now.ended_at)


def end_now(stripe_subscription_id: str) -> None:
    """End a subscription at once, a surplus one too, and ask for nothing more; again changes nothing.

    Raises UnknownSubscription.
    """
    change = service.plan_end(session(), stripe_subscription_id)
    apply(change, gateway().cancel_now, lambda now: now.ended_at)
    unpaid = service.list_open_invoices(session(), stripe_subscription_id)
    release()
    for invoice_id in unpaid:
        # It may have been paid or voided meanwhile, and news of it comes either way.
        with suppress(GatewayRefused):
            gateway().void_invoice(invoice_id, key=f"void:{invoice_id}")


def apply(
    change: service.Change,
    ask: Callable[..., SubscriptionSnapshot],
    is_done: Callable[[SubscriptionSnapshot], object],
) -> None:
    """Ask for a change if it is needed, and mirror what came of it; what is done already is no refusal."""
    release()
    if not change.is_needed:
        return
    try:
        mirror(ask(change.stripe_subscription_id, key=change.key))
    except GatewayRefused:
        # It may have been changed elsewhere, in the portal or by an end that we have not heard of yet.
        found = gateway().get_subscription(change.stripe_subscription_id)
        mirror(found)
        if is_done(found):
            return
        if found.ended_at is not None:
            raise NoSubscription from None
        raise


def mark_versions(_: dict[str, Any]) -> None:
    """Keep how far every standing order has come, for the check that none goes back."""
    with transaction() as current:
        service.keep_marks(current)


def mirror(snapshot: SubscriptionSnapshot) -> None:
    """Keep what the provider says a subscription is now."""
    with transaction() as current:
        service.sync_subscription(current, snapshot)
