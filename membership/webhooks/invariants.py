"""What must always be true of the inbox."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from membership.clock import utc_now
from membership.jobs.models import Job
from membership.webhooks.models import StoredEvent
from membership.webhooks.service import KIND

LONGEST_SILENCE = timedelta(minutes=15)


def silent_events(session: Session) -> list[str]:
    """List the events that wait for long without a word why, and those without any work written down."""
    job = Job.key == KIND + ":" + StoredEvent.id
    waits = StoredEvent.processed_at.is_(None)
    is_old = StoredEvent.received_at < utc_now() - LONGEST_SILENCE
    silent = or_(Job.id.is_(None), is_old & Job.error.is_(None))
    found = select(StoredEvent.id).outerjoin(Job, job).where(waits, silent)
    return list(session.scalars(found.order_by(StoredEvent.id)))


INVARIANTS: dict[str, Callable[[Session], list[str]]] = {"I7 events worked on": silent_events}
