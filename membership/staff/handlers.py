"""Work after the commit: what staff decided and the provider must be asked for."""

from typing import Any

from membership.db import release, session
from membership.gateway.errors import GatewayRefused
from membership.gateway.values import CheckoutStatus
from membership.patrons.service import is_shut_out
from membership.subscriptions.handlers import close_checkout, end_now
from membership.subscriptions.service import list_subscriptions_of
from membership.support.handlers import settle


def end_support(payload: dict[str, Any]) -> None:
    """End the subscription of a patron who was shut out."""
    end_now(payload["stripe_subscription_id"])


def close_page(payload: dict[str, Any]) -> None:
    """Close the page where a patron who was shut out could still pay, and end what was paid there meanwhile.

    While it is being paid neither is possible: raises GatewayRefused, and is tried again. Nothing ends if she has been
    let in again meanwhile.
    """
    close_checkout(payload["session_id"])
    if settle(payload["session_id"]) is CheckoutStatus.OPEN:
        raise GatewayRefused
    stripe_ids = _list_running(payload["patron_id"]) if is_shut_out(session(), payload["patron_id"]) else []
    release()
    for stripe_id in stripe_ids:
        end_now(stripe_id)


def _list_running(patron_id: int) -> list[str]:
    found = list_subscriptions_of(session(), patron_id)
    return [one.stripe_subscription_id for one in found if not one.status.is_final]
