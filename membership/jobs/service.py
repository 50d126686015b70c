"""Write work down, hand it out under a lease, put it off when it fails."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, or_, select, update
from sqlalchemy.orm import Session

from membership.clock import utc_now
from membership.db import insert_unless_known, put_unless_known
from membership.jobs.models import Heartbeat, Job

LEASE = timedelta(minutes=2)
MOST_ATTEMPTS = 12
SEEN_LATELY = timedelta(minutes=2)


def enqueue(
    current: Session | Connection, kind: str, key: str, payload: dict[str, Any], run_at: datetime | None = None
) -> None:
    """Write a job down unless one with this key was ever written."""
    values = {"kind": kind, "key": key, "payload": payload, "run_at": run_at or utc_now(), "attempts": 0}
    put_unless_known(current, Job, values)


def claim(session: Session, now: datetime) -> Job | None:
    """Lease the job that has been due for longest; none when nothing is due."""
    due = (
        select(Job)
        .where(Job.done_at.is_(None), Job.parked_at.is_(None), Job.run_at <= now)
        .where(or_(Job.leased_until.is_(None), Job.leased_until < now))
        .order_by(Job.run_at, Job.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    job = session.scalar(due)
    while job is not None and job.attempts >= MOST_ATTEMPTS:
        # It was never answered for, not even by a failure: it ends the process that does it.
        job.parked_at, job.error = now, "WorkerEnded"
        session.flush()
        job = session.scalar(due)
    if job is not None:
        job.leased_until = now + LEASE
        job.attempts += 1
    return job


def finish(session: Session, job_id: int, now: datetime) -> None:
    """Mark a job as done."""
    done = update(Job).where(Job.id == job_id)
    session.execute(done.values(done_at=now, leased_until=None, error=None))


def postpone(session: Session, job_id: int, error: str, now: datetime) -> Job:
    """Put a failed job off for longer each time, and park it for staff when it keeps failing."""
    job = session.get_one(Job, job_id)
    job.leased_until, job.error = None, error
    job.run_at = now + timedelta(seconds=min(2**job.attempts, 3600))
    if job.attempts >= MOST_ATTEMPTS:
        job.parked_at = now
    return job


def retry_parked(session: Session, now: datetime) -> int:
    """Give every parked job another chance; return how many there were."""
    parked = list(session.scalars(select(Job).where(Job.parked_at.is_not(None), Job.done_at.is_(None))))
    for job in parked:
        job.parked_at, job.attempts, job.run_at = None, 0, now
    return len(parked)


def forget_done(session: Session, before: datetime) -> None:
    """Delete the jobs that were done before a moment; what they did keeps its own traces."""
    session.execute(delete(Job).where(Job.done_at < before))


def count_waiting(session: Session, now: datetime) -> int:
    """Count the jobs that are due and not done."""
    due = select(func.count()).where(Job.done_at.is_(None), Job.parked_at.is_(None), Job.run_at <= now)
    return session.scalar(due) or 0


def beat(session: Session, name: str, now: datetime) -> None:
    """Note that a worker lives."""
    heart = session.get(Heartbeat, name)
    if heart is None:
        insert_unless_known(session, Heartbeat, {"name": name, "seen_at": now})
    else:
        heart.seen_at = now


def is_worked(session: Session, now: datetime) -> bool:
    """Whether a worker was seen lately."""
    seen = session.scalar(select(func.max(Heartbeat.seen_at)))
    return seen is not None and now - seen < SEEN_LATELY
