"""Letters and the work that failed, without what they say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from membership.audit import service as audit
from membership.jobs import service as jobs
from membership.jobs.models import Job
from membership.mail.models import Letter
from membership.patrons.rules import masked
from membership.staff.service.timeline import TELL_WHO_VOTED

MOST = 200
_PARKED = (Job.parked_at.is_not(None), Job.done_at.is_(None))


@dataclass(frozen=True, slots=True)
class Sending:
    """A letter as staff see it: what kind, to whom in outline, and when."""

    kind: str
    recipient: str
    created_at: datetime
    sent_at: datetime | None
    refused_at: datetime | None


def list_letters(session: Session) -> list[Sending]:
    """List the latest letters, the newest first, but for those that tell who voted in which minute, or did not."""
    columns = (Letter.kind, Letter.recipient, Letter.created_at, Letter.sent_at, Letter.refused_at)
    shown = select(*columns).where(Letter.kind.not_in(TELL_WHO_VOTED))
    found = session.execute(shown.order_by(Letter.id.desc()).limit(MOST))
    return [Sending(letter.kind, masked(letter.recipient), *letter[2:]) for letter in found]


def count_parked(session: Session) -> int:
    """Count the work that kept failing and waits for staff."""
    return session.scalar(select(func.count(Job.id)).where(*_PARKED)) or 0


def list_parked(session: Session) -> Sequence[Job]:
    """List the work that kept failing, the latest first."""
    return session.scalars(select(Job).where(*_PARKED).order_by(Job.parked_at.desc()).limit(MOST)).all()


def retry_parked(session: Session, now: datetime, *, actor: str) -> int:
    """Give all the work that kept failing another chance; return how much there was."""
    count = jobs.retry_parked(session, now)
    audit.note(session, actor=actor, action="jobs.retried", subject="jobs", count=count)
    return count
