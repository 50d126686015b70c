"""Events, the webhook endpoint, the account."""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from membership.gateway.values import AccountSnapshot, EndpointSnapshot, GatewayEvent


class Platform(Protocol):
    def read_event(self, payload: bytes, signature: str, now: datetime) -> GatewayEvent:
        """Verify a signed message on its raw bytes; anything wrong with it is ForgedEvent."""
        ...

    def list_events(self, since: datetime, after: str | None = None) -> Iterator[GatewayEvent]: ...

    def create_endpoint(self, url: str, *, key: str) -> tuple[str, str]:
        """Register our webhook address for the events we handle; return its id and signing secret."""
        ...

    def list_endpoints(self) -> Iterator[EndpointSnapshot]: ...

    def mend_endpoint(self, endpoint_id: str, *, key: str) -> None:
        """Register an address for the events we handle, as they are now, and let it be used."""
        ...

    def get_account(self) -> AccountSnapshot: ...
