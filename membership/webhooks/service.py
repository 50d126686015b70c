"""The inbox: each event once, worked on after, to be found when it could not be."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, func, select, update
from sqlalchemy.orm import Session

from membership.db import Base
from membership.gateway.values import GatewayEvent
from membership.inserts import put_unless_known
from membership.jobs.models import Job
from membership.jobs.service import enqueue
from membership.webhooks.errors import UnknownEvent
from membership.webhooks.models import StoredEvent

KIND = "events.process"
# Of what Stripe tells in an event nothing is kept: nothing of it is believed, and it names people for good.
EMPTY = "{}"
WAITS = "an event about it waits"
WORKED_ON = "its events were worked on before"
# A statement takes no more than some ten thousand values.
AT_ONCE = 1000
# Built once and past the session: each event is closed by it.
_EVENTS = Base.metadata.tables[StoredEvent.__tablename__]
_CLOSE = (
    update(_EVENTS)
    .where(_EVENTS.c.id == bindparam("event_id"))
    .values(processed_at=bindparam("now"), outcome=bindparam("word"))
)


_NEWS = select(_EVENTS.c.id, _EVENTS.c.type, _EVENTS.c.object_id, _EVENTS.c.received_at, _EVENTS.c.processed_at).where(
    _EVENTS.c.id.in_(bindparam("event_ids", expanding=True))
)


class News(NamedTuple):
    """What is believed of an event."""

    id: str
    type: str
    object_id: str | None
    received_at: datetime
    processed_at: datetime | None


def job_key(event_id: str) -> str:
    """Return the key of the job that works on an event."""
    return f"{KIND}:{event_id}"


def keep(current: Session | Connection, event: GatewayEvent, now: datetime) -> None:
    """Store an event without its body, and write down the work on it, unless it is here already."""
    values = {
        "id": event.id,
        "type": event.type,
        "api_version": event.api_version,
        "object_id": event.object_id,
        "payload": EMPTY,
        "created_at": event.created_at,
        "received_at": now,
    }
    put_unless_known(current, StoredEvent, values)
    enqueue(current, KIND, job_key(event.id), {"event_id": event.id}, now)


def get_event(session: Session, event_id: str) -> StoredEvent:
    """Return an event, or raise UnknownEvent."""
    event = session.get(StoredEvent, event_id)
    if event is None:
        raise UnknownEvent
    return event


def list_news(session: Session, event_ids: Sequence[str]) -> list[News]:
    """Return what is believed of these events, in their order; raises UnknownEvent."""
    found = {row[0]: News(*row) for row in session.execute(_NEWS, {"event_ids": event_ids})}
    if found.keys() != set(event_ids):
        raise UnknownEvent
    return [found[event_id] for event_id in event_ids]


def close(session: Session, outcomes: Mapping[str, str], now: datetime) -> None:
    """Mark events as worked on, with what came of each."""
    session.flush()
    if outcomes:
        rows = [{"event_id": event_id, "now": now, "word": word} for event_id, word in outcomes.items()]
        session.connection().execute(_CLOSE, rows)


def empty(session: Session) -> bool:
    """Empty some events that an earlier version has kept whole; tell whether there were any."""
    whole = select(StoredEvent.id).where(StoredEvent.payload != EMPTY).limit(AT_ONCE)
    emptied = session.scalars(
        update(StoredEvent).where(StoredEvent.id.in_(whole)).values(payload=EMPTY).returning(StoredEvent.id)
    )
    return bool(emptied.all())


def list_events(session: Session, *, only_parked: bool = False, limit: int = 50) -> list[StoredEvent]:
    """List the latest events, newest first; or those whose work kept failing."""
    events = select(StoredEvent).order_by(StoredEvent.received_at.desc(), StoredEvent.id).limit(limit)
    if only_parked:
        parked = Job.key == KIND + ":" + StoredEvent.id, Job.parked_at.is_not(None), Job.done_at.is_(None)
        events = events.where(select(Job.id).where(*parked).exists())
    return list(session.scalars(events))


def replay(session: Session, event_id: str, now: datetime) -> None:
    """Work on an event again; raises UnknownEvent."""
    event = get_event(session, event_id)
    event.processed_at, event.outcome = None, None
    enqueue(session, KIND, job_key(event_id), {"event_id": event_id}, now)
    job = session.scalars(select(Job).filter_by(key=job_key(event_id)).with_for_update()).one()
    job.done_at, job.parked_at, job.attempts, job.run_at = None, None, 0, now


def explain(session: Session, object_ids: Collection[str]) -> dict[str, str]:
    """Tell of each object what the inbox knows: an event about it waits, or was worked on; others are left out."""
    told: dict[str, str] = {}
    asked = sorted(object_ids)
    kept = select(StoredEvent.object_id, func.count(StoredEvent.processed_at), func.count())
    for start in range(0, len(asked), AT_ONCE):
        about = kept.where(StoredEvent.object_id.in_(asked[start : start + AT_ONCE])).group_by(StoredEvent.object_id)
        for object_id, done, all_of_them in session.execute(about):
            told[str(object_id)] = WORKED_ON if done == all_of_them else WAITS
    return told
