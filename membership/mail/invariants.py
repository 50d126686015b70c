"""What must always be true of letters."""

from sqlalchemy import ColumnElement, String, cast, literal, or_, select
from sqlalchemy.orm import Session

from membership.jobs.models import Job
from membership.mail.models import Letter


def unsendable(session: Session) -> list[str]:
    """Name the letters that wait without a job to send them."""
    key: ColumnElement[str] = literal("mail.send:") + cast(Letter.id, String)
    waiting = select(Letter.id).where(Letter.sent_at.is_(None), Letter.refused_at.is_(None))
    lost = waiting.outerjoin(Job, (Job.key == key) & Job.done_at.is_(None)).where(Job.id.is_(None))
    return [f"letter {letter_id}" for letter_id in session.scalars(lost)]


def indiscreet(session: Session) -> list[str]:
    """Name the secret letters that were sent or refused and still know their secret."""
    over = select(Letter).where(Letter.is_secret, or_(Letter.sent_at.is_not(None), Letter.refused_at.is_not(None)))
    return [f"letter {letter.id}" for letter in session.scalars(over) if letter.values or letter.text]


INVARIANTS = {
    "I9 every letter that waits has a job": unsendable,
    "I16 secret letters forget their secrets": indiscreet,
}
