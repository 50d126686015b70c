"""Write work down, hand it out under a lease, put it off when it fails."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, delete, func, or_, select, update
from sqlalchemy.orm import Session

from membership.clock import utc_now
from membership.db import Base
from membership.inserts import insert_unless_known, put_all_unless_known
from membership.jobs.models import Heartbeat, Job

LEASE = timedelta(minutes=2)
MOST_ATTEMPTS = 12
SEEN_LATELY = timedelta(minutes=2)

# Built once and past the session: each job runs through these.
_JOBS = Base.metadata.tables[Job.__tablename__]
_COLUMNS = _JOBS.c
_DUE = (
    select(_COLUMNS.id)
    .where(_COLUMNS.done_at.is_(None), _COLUMNS.parked_at.is_(None), _COLUMNS.run_at <= bindparam("now"))
    .where(or_(_COLUMNS.leased_until.is_(None), _COLUMNS.leased_until < bindparam("now")))
    .order_by(_COLUMNS.run_at, _COLUMNS.id)
    .with_for_update(skip_locked=True)
)
_LEASE = (
    update(_JOBS)
    .values(leased_until=bindparam("until"), attempts=_COLUMNS.attempts + 1)
    .returning(_COLUMNS.id, _COLUMNS.key, _COLUMNS.kind, _COLUMNS.payload, _COLUMNS.attempts)
)
_LEASE_DUE = _LEASE.where(_COLUMNS.id == _DUE.limit(1).scalar_subquery())
# Whatever ended or failed once is done by itself: only what was never tried goes with others.
_FRESH = _DUE.where(_COLUMNS.kind == bindparam("of_kind"), _COLUMNS.attempts == 0).limit(bindparam("most")).cte("fresh")
_LEASE_MORE = _LEASE.where(_COLUMNS.id.in_(select(_FRESH.c.id)))
_FINISH = (
    update(_JOBS)
    .where(_COLUMNS.id.in_(bindparam("job_ids", expanding=True)))
    .values(done_at=bindparam("now"), leased_until=None, error=None)
)
_GIVE_BACK = (
    update(_JOBS)
    # Had the lease run out meanwhile, somebody else would have it, at the second attempt.
    .where(_COLUMNS.id.in_(bindparam("job_ids", expanding=True)), _COLUMNS.attempts == 1)
    .values(leased_until=None, attempts=0)
)


class Task(NamedTuple):
    """A job that is to be written down."""

    kind: str
    key: str
    payload: dict[str, Any]
    run_at: datetime


class Claim(NamedTuple):
    """A job as it was when somebody leased it."""

    id: int
    key: str
    kind: str
    payload: dict[str, Any]
    attempts: int


def enqueue(
    current: Session | Connection, kind: str, key: str, payload: dict[str, Any], run_at: datetime | None = None
) -> None:
    """Write a job down unless one with this key was ever written."""
    enqueue_all(current, [Task(kind, key, payload, run_at or utc_now())])


def enqueue_all(current: Session | Connection, tasks: Iterable[Task]) -> None:
    """Write jobs down, each unless one with its key was ever written."""
    put_all_unless_known(current, Job, [{**task._asdict(), "attempts": 0} for task in tasks])


def claim(session: Session, now: datetime) -> Claim | None:
    """Lease the job that has been due for longest; none when nothing is due."""
    session.flush()
    claimed = _lease_due(session, now)
    while claimed is not None and claimed.attempts > MOST_ATTEMPTS:
        # It was never answered for, not even by a failure: it ends the process that does it.
        ends = update(Job).where(Job.id == claimed.id)
        session.execute(ends.values(parked_at=now, error="WorkerEnded", leased_until=None, attempts=MOST_ATTEMPTS))
        claimed = _lease_due(session, now)
    return claimed


def _lease_due(session: Session, now: datetime) -> Claim | None:
    leased = session.connection().execute(_LEASE_DUE, {"now": now, "until": now + LEASE}).one_or_none()
    return Claim(*leased) if leased is not None else None


def claim_more(session: Session, like: Claim, most: int, now: datetime) -> list[Claim]:
    """Lease more jobs of the kind of one that was just claimed, that have been due for longest and were never tried."""
    values = {"now": now, "until": now + LEASE, "of_kind": like.kind, "most": most}
    return sorted(Claim(*leased) for leased in session.connection().execute(_LEASE_MORE, values))


def finish(session: Session, job_ids: Collection[int], now: datetime) -> None:
    """Mark jobs as done."""
    if job_ids:
        session.connection().execute(_FINISH, {"job_ids": job_ids, "now": now})


def give_back(session: Session, job_ids: Collection[int]) -> None:
    """End the lease of jobs that nobody has tried after all."""
    if job_ids:
        session.connection().execute(_GIVE_BACK, {"job_ids": job_ids})


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
