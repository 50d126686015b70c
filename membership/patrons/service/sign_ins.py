"""Signed-in browsers: begun, recognised, ended; each is a row, so that ending it ends it at once."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from membership.clock import utc_now
from membership.patrons.models import Patron, SignIn
from membership.patrons.rules import hash_of, is_active_staff

# A season: whoever gives every month comes back on her own device and is still herself. Staff sign in every day.
READER_LIFE = timedelta(days=90)
STAFF_LIFE = timedelta(hours=12)


def begin(session: Session, patron: Patron, *, has_second_factor: bool = False) -> str:
    """Begin a sign-in; return the token that only the browser keeps. Raises ErasureUnderWay."""
    patron.admit()
    token, now = secrets.token_urlsafe(32), utc_now()
    life = STAFF_LIFE if is_active_staff(patron) else READER_LIFE
    session.add(
        SignIn(
            patron_id=patron.id,
            token_hash=hash_of(token),
            created_at=now,
            expires_at=now + life,
            second_factor_at=now if has_second_factor else None,
        )
    )
    return token


def find_current(session: Session, token: str, now: datetime) -> SignIn | None:
    """Find the sign-in that a browser's token stands for, unless it ended or expired."""
    return find_by_hash(session, hash_of(token), now)


def find_by_hash(session: Session, token_hash: str, now: datetime) -> SignIn | None:
    """Find a sign-in by what we keep of its token, unless it ended or expired."""
    found = select(SignIn).filter_by(token_hash=token_hash, ended_at=None).where(SignIn.expires_at > now)
    return session.scalar(found)


def end(session: Session, sign_in_id: int) -> None:
    """End one sign-in."""
    _end(session, SignIn.id == sign_in_id)


def end_all(session: Session, patron_id: int) -> None:
    """End every sign-in of a patron, wherever her browsers are."""
    _end(session, SignIn.patron_id == patron_id)


def _end(session: Session, whose: ColumnElement[bool]) -> None:
    session.execute(update(SignIn).where(whose, SignIn.ended_at.is_(None)).values(ended_at=utc_now()))
