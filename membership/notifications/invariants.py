"""What must be true of what sites are told."""

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from membership.notifications.models import Notification, SiteEndpoint, ToldDecision


def _names_in_messages(session: Session) -> list[str]:
    telling = select(Notification.public_id).where(Notification.body.contains("@"))
    return [f"message {public_id}" for public_id in session.scalars(telling)]


def _told_nowhere(session: Session) -> list[str]:
    nowhere = ~select(SiteEndpoint.id).where(SiteEndpoint.site_id == ToldDecision.site_id).exists()
    return [f"told decision {key}" for key in session.scalars(select(ToldDecision.id).where(nowhere))]


INVARIANTS: dict[str, Callable[[Session], list[str]]] = {
    "N1 no message to a site holds an e-mail": _names_in_messages,
    "N2 what was told was told somewhere": _told_nowhere,
}
