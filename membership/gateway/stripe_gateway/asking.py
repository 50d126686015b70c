"""How Stripe is asked: one client, pages at a pace until there are no more, refusals in our words."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from random import uniform
from time import sleep
from typing import Any, TypeVar

import stripe
import structlog

from membership.gateway.errors import GatewayMissing, GatewayRefused, GatewayUnreachable
from membership.gateway.pacing import PAGES_PER_SECOND, Pace

log = structlog.get_logger("membership.gateway")
Theirs = TypeVar("Theirs", bound=stripe.StripeObject)
Ours = TypeVar("Ours")
Page = TypeVar("Page")
# Seconds before a list that was refused as too fast is asked for again; the last try's refusal is final.
PAUSES = (1, 2, 4, 8)


class Asking:
    """The client that everything is asked through, at the pace that lists may be read at."""

    def __init__(self, client: stripe.StripeClient, webhook_secrets: list[str]) -> None:
        self.v1 = client.v1
        self.webhook_secrets = webhook_secrets
        self._paces: dict[str, Pace] = {}

    def listed(
        self, ask: Callable[[Any], stripe.ListObject[Theirs]], params: Any, said: Callable[[Theirs], Ours]
    ) -> Iterator[Ours]:
        """Yield everything on a list, page after page; what Stripe finds too fast is asked for again."""
        pace = self._paces.setdefault(ask.__qualname__, Pace(PAGES_PER_SECOND))
        while params:
            with in_our_words():
                page = _patiently(partial(ask, params), pace)
                yield from map(said, page.data)
            params = params | {"starting_after": page.data[-1]["id"]} if page.has_more else None


def _patiently(ask: Callable[[], Page], pace: Pace) -> Page:
    for pause in PAUSES:
        pace.wait()
        try:
            return ask()
        except stripe.RateLimitError:
            # Whoever was refused together should not come back together.
            sleep(pause * uniform(0.5, 1.5))  # noqa: S311
    pace.wait()
    return ask()


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
