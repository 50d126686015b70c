"""Shutting a patron out, and letting her in again; staff say why, for good."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from membership.access.errors import AlreadyBanned, NotBanned
from membership.inserts import add_unless_known
from membership.patrons.models import Ban


def ban_patron(session: Session, patron_id: int, *, reason: str, now: datetime) -> Ban:
    """End a patron's access at once, whatever she pays. Raises AlreadyBanned."""
    ban = add_unless_known(session, Ban, {"patron_id": patron_id, "reason": reason, "banned_at": now})
    if ban is None:
        raise AlreadyBanned
    return ban


def lift_ban(session: Session, patron_id: int, now: datetime) -> Ban:
    """Let a patron have again what she pays for. Raises NotBanned."""
    ban = session.scalar(select(Ban).filter_by(patron_id=patron_id, lifted_at=None).with_for_update())
    if ban is None:
        raise NotBanned
    ban.lifted_at = now
    return ban


def list_bans_of(session: Session, patron_id: int) -> list[Ban]:
    """List when a patron was shut out, the newest first."""
    return list(session.scalars(select(Ban).filter_by(patron_id=patron_id).order_by(Ban.id.desc())))
