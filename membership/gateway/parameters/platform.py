"""Our webhook address."""

from typing import Any

from membership.gateway.events import HANDLED


def endpoint(url: str, api_version: str) -> Any:
    """Describe our webhook address."""
    return {"url": url, "enabled_events": list(HANDLED), "api_version": api_version}
