"""Events, the webhook endpoint, the account."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from membership.gateway import signatures
from membership.gateway.events import HANDLED
from membership.gateway.memory.answers.asking import Asking, rest_of
from membership.gateway.values import AccountSnapshot, EndpointSnapshot, GatewayEvent


class Platform(Asking):
    def read_event(self, payload: bytes, signature: str, now: datetime) -> GatewayEvent:
        return signatures.read_signed(payload, signature, self.webhook_secrets, now)

    def list_events(self, since: datetime, after: str | None = None) -> Iterator[GatewayEvent]:
        yield from self.listed("list_events", self.world.history, since, after)

    def create_endpoint(self, url: str, *, key: str) -> tuple[str, str]:
        def make() -> tuple[str, str]:
            made = EndpointSnapshot(self.world.new_id("we"), url, frozenset(HANDLED), is_enabled=True)
            self.world.endpoints[made.id] = made
            return made.id, self.world.new_id("whsec")

        return self.once("create_endpoint", key, url, make)

    def list_endpoints(self) -> Iterator[EndpointSnapshot]:
        self.called("list_endpoints", "")
        return rest_of(list(self.world.endpoints.values()), None)

    def mend_endpoint(self, endpoint_id: str, *, key: str) -> None:
        found = self.ask("mend_endpoint", endpoint_id, self.world.endpoints)
        self.world.endpoints[endpoint_id] = replace(found, events=frozenset(HANDLED), is_enabled=True)

    def get_account(self) -> AccountSnapshot:
        self.called("get_account", "")
        return AccountSnapshot("acct_memory", "eur", "DE")
