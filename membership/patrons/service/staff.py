"""Who of the patrons is staff, and what they may."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from cryptography.fernet import MultiFernet
from sqlalchemy import select
from sqlalchemy.orm import Session

from membership.audit import service as audit
from membership.clock import utc_now
from membership.mail import service as mail
from membership.patrons.errors import LastAdmin, NotStaff
from membership.patrons.models import Patron, Role, StaffRole
from membership.patrons.rules import hash_of, is_active_staff, new_code, spaced
from membership.patrons.service.people import find_by_email, register
from membership.patrons.service.sign_ins import end_all

ENROLMENT_LIFE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Invitation:
    """A new member of staff, and the code with which she connects her second factor."""

    patron: Patron
    enrolment_code: str


def add_staff(session: Session, email: str, role: Role, *, actor: str) -> Invitation:
    """Make somebody staff, or let staff connect a new second factor; whatever she had before is void."""
    patron = register(session, email, locale="en")
    staff, code = patron.staff or StaffRole(role=role, created_at=utc_now()), new_code()
    if role is not Role.ADMIN:
        _keep_an_admin(session, staff)
    patron.staff = staff
    staff.role, staff.disabled_at = role, None
    staff.enrolment_hash, staff.enrolment_expires_at = hash_of(code), utc_now() + ENROLMENT_LIFE
    staff.totp_sealed = staff.totp_confirmed_at = staff.totp_locked_until = None
    staff.totp_last_step = staff.totp_failures = 0
    end_all(session, patron.id)
    session.flush()
    mail.write(
        session, "staff_invited", to=str(patron.email), locale=patron.locale, about=f"{staff.id}:{secrets.token_hex(4)}"
    )
    audit.note(session, actor=actor, action="staff.added", subject=_subject(patron), role=role.value)
    return Invitation(patron, spaced(code))


def trust_secret(session: Session, patron: Patron, totp_secret: str, sealer: MultiFernet) -> None:
    """Take a second factor as connected without an enrolment, as demonstrations need it."""
    assert patron.staff is not None
    patron.staff.totp_sealed = sealer.encrypt(totp_secret.encode()).decode()
    patron.staff.totp_confirmed_at = utc_now()
    patron.staff.enrolment_hash = None
    audit.note(session, actor="cli", action="staff.enrolled", subject=_subject(patron))


def change_role(session: Session, email: str, role: Role, *, actor: str) -> Patron:
    """Give staff another role; raises NotStaff or LastAdmin."""
    patron, staff = _get_staff(session, email)
    if role is not Role.ADMIN:
        _keep_an_admin(session, staff)
    before, staff.role = staff.role, role
    end_all(session, patron.id)
    audit.note(
        session, actor=actor, action="staff.role", subject=_subject(patron), before=before.value, after=role.value
    )
    return patron


def disable_staff(session: Session, email: str, *, actor: str) -> Patron:
    """Take somebody's power away and end her sign-ins at once; raises NotStaff or LastAdmin."""
    patron, staff = _get_staff(session, email)
    _keep_an_admin(session, staff)
    staff.disabled_at = utc_now()
    staff.totp_sealed = staff.totp_confirmed_at = staff.enrolment_hash = None
    end_all(session, patron.id)
    audit.note(session, actor=actor, action="staff.disabled", subject=_subject(patron))
    return patron


def list_staff(session: Session) -> list[StaffRole]:
    """List everyone who is or was staff."""
    return list(session.scalars(select(StaffRole).order_by(StaffRole.id)))


def _get_staff(session: Session, email: str) -> tuple[Patron, StaffRole]:
    patron = find_by_email(session, email)
    if patron is None or patron.staff is None or not is_active_staff(patron):
        raise NotStaff
    return patron, patron.staff


def _keep_an_admin(session: Session, leaving: StaffRole) -> None:
    # Every admin's row is locked, so that two admins cannot remove each other at once.
    admins = select(StaffRole.id).filter_by(role=Role.ADMIN, disabled_at=None).with_for_update()
    if set(session.scalars(admins)) == {leaving.id}:
        raise LastAdmin


def _subject(patron: Patron) -> str:
    return f"patron:{patron.public_id}"
