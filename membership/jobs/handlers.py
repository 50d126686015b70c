"""Housekeeping of the queue."""

from datetime import timedelta
from typing import Any

from membership.clock import utc_now
from membership.db import transaction
from membership.jobs import service

KEPT = timedelta(days=30)


def forget(_: dict[str, Any]) -> None:
    """Delete the jobs that were done long ago."""
    with transaction() as session:
        service.forget_done(session, utc_now() - KEPT)
