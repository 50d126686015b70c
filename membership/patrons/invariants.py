"""What must always be true of people's ways in, and of staff."""

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from membership.clock import utc_now
from membership.patrons.models import Patron, SignIn, SignInAttempt, SignInLink, StaffRole

HASH_LENGTH = 64
HASHES: tuple[InstrumentedAttribute[str] | InstrumentedAttribute[str | None], ...] = (
    SignInLink.token_hash,
    SignInLink.code_hash,
    SignInLink.browser_hash,
    SignIn.token_hash,
    SignInAttempt.about_hash,
    StaffRole.enrolment_hash,
)


def bare_secrets(session: Session) -> list[str]:
    """Name the rows whose secret is not kept as a hash."""
    return [row for column in HASHES for row in _bare(session, column)]


def _bare(session: Session, column: InstrumentedAttribute[str] | InstrumentedAttribute[str | None]) -> Iterator[str]:
    table = column.class_.__table__
    for row_id in session.scalars(select(table.c.id).where(func.length(column) != HASH_LENGTH)):
        yield f"{table.name} {row_id}"


def powerless_staff(session: Session) -> list[str]:
    """Name the staff roles that work without a person who can sign in."""
    orphaned = select(StaffRole.id).join(Patron, Patron.id == StaffRole.patron_id)
    found = orphaned.where(StaffRole.disabled_at.is_(None), Patron.email.is_(None))
    return [f"staff role {role_id}" for role_id in session.scalars(found)]


def lasting_power(session: Session) -> list[str]:
    """Name the sign-ins that still carry staff's power though the role has ended."""
    elevated = select(SignIn.id).outerjoin(StaffRole, StaffRole.patron_id == SignIn.patron_id)
    ended = elevated.where((StaffRole.id.is_(None)) | StaffRole.disabled_at.is_not(None))
    alive = ended.where(SignIn.second_factor_at.is_not(None), SignIn.ended_at.is_(None), SignIn.expires_at > utc_now())
    return [f"sign-in {sign_in_id}" for sign_in_id in session.scalars(alive)]


INVARIANTS = {
    "I16 ways in are kept as hashes": bare_secrets,
    "I20 every staff role belongs to somebody": powerless_staff,
    "I20 nobody keeps staff's power after the role": lasting_power,
}
