"""Finish what stopped half-way: wishes that never got an answer, and checkouts that should be closed by now."""

from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

from membership.clock import utc_now
from membership.db import release, session, transaction
from membership.donations import handlers as donation_handlers
from membership.donations import service as donations
from membership.errors import Conflict
from membership.gateway.current import gateway
from membership.gateway.errors import GatewayMissing, GatewayRefused
from membership.gateway.values import CheckoutStatus
from membership.jobs.sweeping import do_each
from membership.payments.fulfilment import look_up_checkout, record
from membership.subscriptions import handlers as subscription_handlers
from membership.subscriptions import service as subscriptions
from membership.support import service

# Longer than any request that may still be waiting for its answer.
PATIENCE = timedelta(minutes=2)


def sweep(_: dict[str, Any]) -> None:
    """Ask again for what got no answer, with the same key and the same words; look at what should be over."""
    now = utc_now()
    references = subscriptions.list_stuck_intents(session(), now - PATIENCE)
    donation_ids = donations.list_stuck_donations(session(), now - PATIENCE)
    changes = subscriptions.list_stuck_changes(session(), now - PATIENCE)
    overdue = [*subscriptions.list_overdue_sessions(session(), now), *donations.list_overdue_sessions(session(), now)]
    release()
    do_each(
        [
            *(partial(_retry_subscription, reference) for reference in references),
            *(partial(_retry_donation, donation_id) for donation_id in donation_ids),
            *(partial(_retry_change, plan) for plan in changes),
            *(partial(settle, session_id) for session_id in overdue),
        ]
    )


def fulfil(payload: dict[str, Any]) -> None:
    """Record what became of one checkout."""
    settle(payload["session_id"])


def settle(session_id: str) -> CheckoutStatus:
    """Record what became of a checkout, and return how it stands; one that the provider does not know is closed."""
    try:
        facts = look_up_checkout(gateway(), session_id)
    except GatewayMissing:
        with transaction() as current:
            service.give_up(current, session_id)
        return CheckoutStatus.EXPIRED
    with transaction() as current:
        record(current, facts)
    return facts.checkouts[0].status


def _retry_subscription(reference: str) -> None:
    try:
        subscription_handlers.open_checkout(reference)
    except (GatewayRefused, Conflict):
        # Refused for good, or replaced by another wish: either is written down, and the others wait.
        release()


def _retry_change(plan: subscriptions.ChangePlan) -> None:
    with suppress(GatewayRefused):
        subscription_handlers.finish_change(plan)


def _retry_donation(donation_id: int) -> None:
    try:
        donation_handlers.open_checkout(donation_id)
    except GatewayRefused:
        release()
