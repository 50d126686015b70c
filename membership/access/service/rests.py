"""Rest from appeals: a reader said "remind me later"."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from membership.access.models import AppealRest
from membership.inserts import put_unless_known

REST = timedelta(days=30)


def rest_appeals(session: Session, patron_id: int, now: datetime) -> None:
    """Let no site appeal to a patron for a while."""
    put_unless_known(session, AppealRest, {"patron_id": patron_id, "until": now + REST})
    session.execute(update(AppealRest).filter_by(patron_id=patron_id).values(until=now + REST))


def write_rest(now: datetime) -> str:
    """Write until when a browser, whoever sits before it, is left in peace: in seconds since 1970."""
    return str(int((now + REST).timestamp()))


def read_rest(text: str, now: datetime) -> datetime | None:
    """Read what a browser remembers, while it counts; no longer than we would have promised."""
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        return None
    until = datetime.fromtimestamp(int(text), UTC)
    return until if now < until <= now + REST else None
