"""What became of a topic is told after the transaction in which it became so."""

from typing import Any

from membership.db import transaction
from membership.stories import service


def tell(payload: dict[str, Any]) -> None:
    """Write to everybody who cares about a step, some at a time."""
    last = _tell_some(payload["step"], 0)
    while last:
        last = _tell_some(payload["step"], last)


def _tell_some(step_id: int, after: int) -> int:
    with transaction() as current:
        return service.tell_some(current, step_id, after)
