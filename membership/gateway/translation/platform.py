"""Events, in our own words."""

import json

from membership.gateway import signatures
from membership.gateway.translation.fields import Expanded
from membership.gateway.values import EndpointSnapshot, GatewayEvent


def event(found: Expanded) -> GatewayEvent:
    """Read a listed event, as if it had been delivered."""
    # Decimals are strings on the wire.
    return signatures.read(json.dumps(found.to_dict(), default=str).encode())


def endpoint(found: Expanded) -> EndpointSnapshot:
    """Read a webhook address."""
    return EndpointSnapshot(found.id, found.url, frozenset(found.enabled_events), found.status == "enabled")
