"""How Stripe is asked: one client, pages until there are no more, refusals in our words."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import stripe
import structlog

from membership.gateway.errors import GatewayMissing, GatewayRefused, GatewayUnreachable

log = structlog.get_logger("membership.gateway")
Theirs = TypeVar("Theirs", bound=stripe.StripeObject)
Ours = TypeVar("Ours")


class Asking:
    """The client that everything is asked through."""

    def __init__(self, client: stripe.StripeClient, webhook_secrets: list[str]) -> None:
        self.v1 = client.v1
        self.webhook_secrets = webhook_secrets

    def listed(
        self, ask: Callable[[Any], stripe.ListObject[Theirs]], params: Any, said: Callable[[Theirs], Ours]
    ) -> Iterator[Ours]:
        """Yield everything on a list, page after page."""
        while params:
            with in_our_words():
                page = ask(params)
                yield from map(said, page.data)
            params = params | {"starting_after": page.data[-1]["id"]} if page.has_more else None


@contextmanager
def in_our_words() -> Iterator[None]:
    """Turn Stripe's errors into ours; their words may quote a reader's data, so only their kind is kept."""
    try:
        yield
    except stripe.StripeError as error:
        log.warning("stripe", kind=type(error).__name__, code=error.code, stripe_request=error.request_id)
        raise _refusal(error) from None


def _refusal(error: stripe.StripeError) -> GatewayRefused | GatewayUnreachable:
    status = error.http_status or 0
    if isinstance(error, stripe.RateLimitError) or status == 409 or not 400 <= status < 500:
        return GatewayUnreachable()
    return GatewayMissing() if error.code == "resource_missing" else GatewayRefused()
