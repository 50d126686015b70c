"""How each object looks in the pinned version of the API; what is null here is null in Stripe's answers too."""

from typing import Any

SELLER = "The Open Daily"


def nulls(names: str) -> dict[str, Any]:
    """Return fields that the sandbox never fills."""
    return dict.fromkeys(names.split())
