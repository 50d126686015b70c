"""Events, the webhook endpoint, the account."""

from collections.abc import Iterator
from datetime import datetime

from membership.gateway import signatures
from membership.gateway.memory.answers.asking import Asking
from membership.gateway.values import AccountSnapshot, GatewayEvent


class Platform(Asking):
    def read_event(self, payload: bytes, signature: str, now: datetime) -> GatewayEvent:
        return signatures.read_signed(payload, signature, self.webhook_secrets, now)

    def list_events(self, since: datetime, after: str | None = None) -> Iterator[GatewayEvent]:
        yield from self.listed("list_events", self.world.history, since, after)

    def create_endpoint(self, url: str, *, key: str) -> tuple[str, str]:
        return self.once("create_endpoint", key, url, lambda: (self.world.new_id("we"), self.world.new_id("whsec")))

    def get_account(self) -> AccountSnapshot:
        self.called("get_account", "")
        return AccountSnapshot("acct_memory", "eur", "DE")
