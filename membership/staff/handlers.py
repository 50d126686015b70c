"""Work after the commit: what staff decided and the provider must be asked for."""

from typing import Any

from membership.subscriptions.handlers import end_now


def end_support(payload: dict[str, Any]) -> None:
    """End the subscription of a patron who was shut out."""
    end_now(payload["stripe_subscription_id"])
