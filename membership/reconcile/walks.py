"""The rows of a walk: begun, gone on with, ended; and what it found."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.orm import Session

from membership.inserts import put_unless_known
from membership.reconcile import sightings
from membership.reconcile.models import Walk, WalkFinding

# What was seen longer ago is no news any more: then it is seen anew.
STALE = timedelta(hours=6)
KEPT = timedelta(days=30)
AT_ONCE = 500


def begin(session: Session, since: datetime, now: datetime, *, is_dry: bool, since_is_named: bool) -> Walk:
    """Go on with the walk that was cut off, or begin one; what has become stale is begun anew."""
    cut_off = session.scalar(select(Walk).filter_by(is_dry=is_dry, ended_at=None))
    if cut_off is not None:
        if now - cut_off.started_at < STALE and (not since_is_named or cut_off.since == since):
            return cut_off
        end(session, cut_off, now)
    walk = Walk(is_dry=is_dry, since=since, started_at=now, others={})
    session.add(walk)
    session.flush()
    return walk


def end(session: Session, walk: Walk, now: datetime) -> None:
    """Let a walk rest: what it has seen is forgotten, what it found is kept for some weeks."""
    sightings.forget_all(session, walk.id)
    walk.ended_at = now
    old = select(Walk.id).where(Walk.ended_at < now - KEPT)
    session.execute(delete(WalkFinding).where(WalkFinding.walk_id.in_(old)))
    session.execute(delete(Walk).where(Walk.id.in_(old)))


def find(session: Session, walk_id: int, key: str, told: tuple[str, str, str]) -> None:
    """Write down an object that differs, in what, and why; it counts as left until it is told to be repaired."""
    object_id, what, cause = told
    values = {"walk_id": walk_id, "key": key, "object_id": object_id, "what": what, "cause": cause}
    put_unless_known(session, WalkFinding, values | {"is_repaired": False})


def repaired(session: Session, walk_id: int, keys: Iterable[str], left: set[tuple[str, str]]) -> None:
    """Mark what was found under these keys as repaired, but for what is left."""
    mine = WalkFinding.walk_id == walk_id, WalkFinding.key.in_(keys)
    rows = session.execute(select(WalkFinding.id, WalkFinding.object_id, WalkFinding.what).where(*mine))
    gone = [row.id for row in rows if (row.object_id, row.what) not in left]
    for start in range(0, len(gone), AT_ONCE):
        some = WalkFinding.id.in_(gone[start : start + AT_ONCE])
        session.execute(update(WalkFinding).where(some).values(is_repaired=True))


def count(session: Session, walk_id: int) -> tuple[int, int]:
    """Return how many differences a walk found, and how many of them are left."""
    found = select(func.count(), func.count().filter(~WalkFinding.is_repaired)).where(WalkFinding.walk_id == walk_id)
    differences, left = session.execute(found).one()
    return differences, left


def findings(session: Session, walk_id: int) -> Iterator[Row[int, str, str, str, bool]]:
    """Yield what a walk found, in the order in which it was found, some hundreds at a time."""
    last = 0
    told = WalkFinding.object_id, WalkFinding.what, WalkFinding.cause, WalkFinding.is_repaired
    wanted = select(WalkFinding.id, *told).filter_by(walk_id=walk_id).order_by(WalkFinding.id).limit(AT_ONCE)
    while some := session.execute(wanted.where(WalkFinding.id > last)).all():
        yield from some
        last = some[-1].id
