"""The regular walk."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import structlog

from membership.clock import utc_now
from membership.db import transaction
from membership.jobs.service import enqueue
from membership.reconcile import walk
from membership.reconcile.errors import AlreadyRunning

# Letters and events wait meanwhile; after so long they have their turn, and then the walk goes on.
STRETCH = timedelta(seconds=20)
KIND = "reconcile"
log = structlog.get_logger("membership.reconcile")


def reconciler(explain: walk.Explain) -> Callable[[dict[str, Any]], None]:
    """Make the job that brings our rows in line with Stripe; two at once are one too many."""

    def reconcile(_: dict[str, Any]) -> None:
        try:
            report = walk.reconcile(explain, stretch=STRETCH)
        except AlreadyRunning:
            log.info("somebody else reconciles")
            return
        if not report.is_done:
            _go_on_later(report)
        elif report.found:
            log.warning("differences", found=report.found, left=report.left)

    return reconcile


def _go_on_later(report: walk.Report) -> None:
    now = utc_now()
    with transaction() as session:
        enqueue(session, KIND, f"{KIND}:{report.walk_id}:{now.timestamp()}", {}, now)
