"""Messages, and the account."""

from dataclasses import dataclass
from datetime import datetime

from membership.gateway.events import HANDLED


@dataclass(frozen=True, slots=True)
class GatewayEvent:
    """A signed message: only its id, type and the id of its object are ever believed."""

    id: str
    type: str
    api_version: str | None
    livemode: bool
    object_id: str | None
    created_at: datetime
    payload: str


@dataclass(frozen=True, slots=True)
class EndpointSnapshot:
    """An address to which the provider sends the events that it is registered for; `*` are all of them."""

    id: str
    url: str
    events: frozenset[str]
    is_enabled: bool

    @property
    def lacks(self) -> frozenset[str]:
        """Return which events that we handle are not sent there."""
        return frozenset() if "*" in self.events else frozenset(HANDLED) - self.events


@dataclass(frozen=True, slots=True)
class AccountSnapshot:
    id: str
    default_currency: str
    country: str
