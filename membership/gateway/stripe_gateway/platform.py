"""Events, the webhook endpoint, the account."""

from collections.abc import Iterator
from datetime import datetime

import stripe

from membership.gateway import parameters, signatures, translation
from membership.gateway.events import HANDLED
from membership.gateway.stripe_gateway.asking import Asking, in_our_words
from membership.gateway.values import AccountSnapshot, EndpointSnapshot, GatewayEvent


class Platform(Asking):
    def read_event(self, payload: bytes, signature: str, now: datetime) -> GatewayEvent:
        return signatures.read_signed(payload, signature, self.webhook_secrets, now)

    def list_events(self, since: datetime, after: str | None = None) -> Iterator[GatewayEvent]:
        # Stripe filters by twenty types at most, and we handle more.
        found = self.listed(self.v1.events.list, parameters.page(since=since, after=after), translation.event)
        return (one for one in found if one.type in HANDLED)

    def create_endpoint(self, url: str, *, key: str) -> tuple[str, str]:
        params = parameters.endpoint(url, stripe.api_version)
        with in_our_words():
            made = self.v1.webhook_endpoints.create(params, {"idempotency_key": key})
            return made.id, made.secret or ""

    def list_endpoints(self) -> Iterator[EndpointSnapshot]:
        return self.listed(self.v1.webhook_endpoints.list, parameters.page(), translation.endpoint)

    def mend_endpoint(self, endpoint_id: str, *, key: str) -> None:
        with in_our_words():
            self.v1.webhook_endpoints.update(endpoint_id, parameters.mended_endpoint(), {"idempotency_key": key})

    def get_account(self) -> AccountSnapshot:
        with in_our_words():
            found = self.v1.accounts.retrieve_current()
            return AccountSnapshot(found.id, found.default_currency or "", found.country or "")
