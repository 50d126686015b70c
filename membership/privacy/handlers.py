"""Erasures after the commit: the provider first, then our own rows; what was cut off is gone on with."""

from contextlib import suppress
from functools import partial
from typing import Any

from membership.db import release, session, transaction
from membership.gateway.current import gateway
from membership.gateway.errors import GatewayMissing, GatewayRefused
from membership.jobs.sweeping import do_each
from membership.privacy import service
from membership.subscriptions.handlers import end_now


def turn(_: dict[str, Any]) -> None:
    """Erase everybody who asked for it and is not erased yet."""
    pending = service.list_pending(session())
    release()
    do_each(partial(_erase, erasure_id) for erasure_id in pending)


def _erase(erasure_id: int) -> None:
    plan = service.plan_erasure(session(), erasure_id)
    release()
    for session_id in plan.stripe_session_ids:
        # It may have been paid or closed meanwhile; what it began is found by the next turn.
        with suppress(GatewayRefused):
            gateway().expire_checkout(session_id)
    for stripe_subscription_id in plan.stripe_subscription_ids:
        end_now(stripe_subscription_id)
    for customer_id in plan.stripe_customer_ids:
        with suppress(GatewayMissing):
            gateway().delete_customer(customer_id)
    with transaction() as current:
        service.finish(current, erasure_id)
