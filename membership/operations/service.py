"""Check the invariants, and tell what waits."""

from collections.abc import Callable, Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from membership.clock import utc_now
from membership.jobs.models import Job
from membership.jobs.service import count_waiting
from membership.operations.models import CheckResult
from membership.webhooks.models import StoredEvent

Invariant = Callable[[Session], list[str]]


def run_checks(session: Session, invariants: Mapping[str, Invariant]) -> dict[str, list[str]]:
    """Return the offending rows of each invariant, without personal data; a sound database gives empty lists."""
    return {name: find(session) for name, find in invariants.items()}


def remember_checks(session: Session, findings: Mapping[str, list[str]]) -> None:
    """Keep how many rows each invariant found, for the metrics."""
    now = utc_now()
    for name, rows in findings.items():
        session.merge(CheckResult(name=name, found=len(rows), checked_at=now))


def measure(session: Session) -> dict[str, float]:
    """Return what waits and what is wrong, by the name of its metric."""
    parked = select(func.count()).where(Job.parked_at.is_not(None), Job.done_at.is_(None))
    unprocessed = select(func.count()).where(StoredEvent.processed_at.is_(None))
    offending = select(func.coalesce(func.sum(CheckResult.found), 0))
    return {
        "membership_jobs_waiting": count_waiting(session, utc_now()),
        "membership_jobs_parked": session.scalar(parked) or 0,
        "membership_events_unprocessed": session.scalar(unprocessed) or 0,
        "membership_invariants_offended": session.scalar(offending) or 0,
    }
