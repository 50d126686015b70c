"""Our webhook address."""

from typing import Any

from membership.gateway.events import HANDLED


def mended_endpoint() -> Any:
    """Describe what a webhook address of ours must want; its version stays as it was made."""
    return {"enabled_events": list(HANDLED), "disabled": False}


def endpoint(url: str, api_version: str) -> Any:
    """Describe our webhook address."""
    return {"url": url, "enabled_events": list(HANDLED), "api_version": api_version}
