"""The regular walk."""

from collections.abc import Callable
from typing import Any

import structlog

from membership.reconcile import walk
from membership.reconcile.errors import AlreadyRunning

log = structlog.get_logger("membership.reconcile")


def reconciler(explain: walk.Explain) -> Callable[[dict[str, Any]], None]:
    """Make the job that brings our rows in line with Stripe; two at once are one too many."""

    def reconcile(_: dict[str, Any]) -> None:
        try:
            report = walk.reconcile(explain)
        except AlreadyRunning:
            log.info("somebody else reconciles")
            return
        if report.findings:
            log.warning("differences", found=len(report.findings), left=report.left)

    return reconcile
