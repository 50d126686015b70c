"""Bring messages to sites: tried again for three days, told to staff when nothing arrives."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from membership.access.models import Site
from membership.audit.service import note
from membership.jobs.service import enqueue
from membership.mail.service import write
from membership.notifications.errors import UnknownNotification
from membership.notifications.models import Notification, SiteEndpoint
from membership.notifications.rules import DISABLED_AFTER, GONE, new_message_id, next_delay
from membership.patrons.models import Role
from membership.patrons.service.staff import list_staff

SEND = "notifications.send"
KEPT = timedelta(days=90)
SHOWN = 100


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one attempt, in a word for staff; `status` when there was an answer."""

    word: str
    status: int = 0
    is_good: bool = False
    retry_after: timedelta | None = None


def put(session: Session, site_id: int, kind: str, body: str, now: datetime) -> Notification:
    """Write a message down, to be sent after the commit."""
    message = Notification(public_id=new_message_id(), site_id=site_id, kind=kind, body=body, created_at=now)
    session.add(message)
    session.flush()
    _send_at(session, message, now)
    return message


def find_sendable(session: Session, message_id: int) -> tuple[Notification, SiteEndpoint] | None:
    """Return a message with its address, unless it has arrived or its site is not told any more."""
    wanted = select(Notification, SiteEndpoint).join(SiteEndpoint, SiteEndpoint.site_id == Notification.site_id)
    row = session.execute(
        wanted.where(
            Notification.id == message_id, Notification.delivered_at.is_(None), SiteEndpoint.disabled_at.is_(None)
        )
    ).one_or_none()
    return row and (row[0], row[1])


def record(session: Session, message_id: int, outcome: Outcome, now: datetime) -> None:
    """Keep what came of an attempt: it has arrived, is tried again, or was the last."""
    wanted = select(Notification).filter_by(id=message_id).with_for_update()
    message = session.scalar(wanted)
    if message is None:  # its address was removed meanwhile
        return
    endpoint = session.scalars(select(SiteEndpoint).filter_by(site_id=message.site_id)).one()
    message.attempts += 1
    message.tried_at, message.outcome, message.next_at = now, outcome.word, None
    if outcome.is_good:
        message.delivered_at, endpoint.failing_since = now, None
        return
    endpoint.failing_since = endpoint.failing_since or now
    delay = next_delay(message.attempts, message.public_id, outcome.retry_after)
    if outcome.status == GONE or now - endpoint.failing_since >= DISABLED_AFTER:
        _give_up(session, endpoint, outcome, now)
    elif delay is not None:
        _send_at(session, message, now + delay)


def _give_up(session: Session, endpoint: SiteEndpoint, outcome: Outcome, now: datetime) -> None:
    if endpoint.disabled_at is not None:
        return
    endpoint.disabled_at, endpoint.disabled_why = now, outcome.word
    values: dict[str, Any] = {
        "site": endpoint.site.name,
        "outcome": outcome.word,
        "site_url": f"/staff/sites/{endpoint.site.slug}/webhook",
    }
    for staff in list_staff(session):
        if staff.role is Role.ADMIN and staff.disabled_at is None and staff.patron.email:
            about = f"{endpoint.id}:{now.isoformat()}"
            write(session, "site_not_told", to=staff.patron.email, locale=staff.patron.locale, about=about, **values)
    note(
        session, actor="worker", action="site.webhook_disabled", subject=f"site:{endpoint.site.slug}", why=outcome.word
    )


def send_again(session: Session, endpoint: SiteEndpoint, now: datetime, *, since: datetime | None) -> int:
    """Send a site again what never arrived, or everything since a moment; return how many messages that is."""
    wanted = select(Notification).filter_by(site_id=endpoint.site_id).order_by(Notification.id)
    is_wanted = Notification.delivered_at.is_(None) if since is None else Notification.created_at >= since
    messages = session.scalars(wanted.where(is_wanted)).all()
    for message in messages:
        _restart(session, message, now)
    return len(messages)


def send_once_more(session: Session, site: Site, public_id: str, now: datetime) -> None:
    """Send one message again. Raises UnknownNotification."""
    message = session.scalar(select(Notification).filter_by(site_id=site.id, public_id=public_id))
    if message is None:
        raise UnknownNotification
    _restart(session, message, now)


def _restart(session: Session, message: Notification, now: datetime) -> None:
    message.attempts, message.delivered_at = 0, None
    _send_at(session, message, now)


def _send_at(session: Session, message: Notification, at: datetime) -> None:
    message.next_at = at
    enqueue(session, SEND, f"{SEND}:{message.id}:{secrets.token_hex(6)}", {"message_id": message.id}, at)


def list_notifications(session: Session, site: Site) -> Sequence[Notification]:
    """List the latest messages to a site, the newest first."""
    own = select(Notification).filter_by(site_id=site.id)
    return session.scalars(own.order_by(Notification.id.desc()).limit(SHOWN)).all()


def forget_old(session: Session, now: datetime) -> None:
    """Delete what was told long ago."""
    session.execute(delete(Notification).where(Notification.created_at < now - KEPT))
