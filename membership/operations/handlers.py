"""The regular check of the invariants."""

from collections.abc import Callable, Mapping
from typing import Any

import structlog

from membership.db import session, transaction
from membership.operations import service

log = structlog.get_logger("membership.check")


def checker(invariants: Mapping[str, service.Invariant]) -> Callable[[dict[str, Any]], None]:
    """Make the job that checks these invariants and keeps the outcome."""

    def check(_: dict[str, Any]) -> None:
        findings = service.run_checks(session(), invariants)
        for name, rows in findings.items():
            if rows:
                log.error("invariant offended", invariant=name, rows=len(rows))
        with transaction() as current:
            service.remember_checks(current, findings)

    return check
