"""Housekeeping of requests that may be sent again."""

from typing import Any

from membership.clock import utc_now
from membership.db import transaction
from membership.idempotency import service


def sweep(_: dict[str, Any]) -> None:
    """Give up what nobody works on any more, forget what is too old."""
    with transaction() as session:
        service.sweep(session, utc_now())
