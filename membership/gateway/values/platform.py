"""Messages, and the account."""

from dataclasses import dataclass
from datetime import datetime


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
class AccountSnapshot:
    id: str
    default_currency: str
    country: str
