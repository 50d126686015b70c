"""The second factor of staff: connected once with an enrolment code, asked for in every sign-in."""

from datetime import datetime

import pyotp
from cryptography.fernet import InvalidToken, MultiFernet
from sqlalchemy import select
from sqlalchemy.orm import Session

from membership.audit import service as audit
from membership.clock import utc_now
from membership.patrons.errors import (
    EnrolmentWrong,
    NotStaff,
    SecondFactorLocked,
    SecondFactorUnreadable,
    SecondFactorWrong,
)
from membership.patrons.models import SignIn, StaffRole
from membership.patrons.rules import MOST_TOTP_FAILURES, TOTP_LOCK, accepted_step, hash_of, is_same, typed_code
from membership.patrons.service import sign_ins


def count_try(session: Session, patron_id: int) -> None:
    """Count a try before it is looked at, in a transaction of its own; raises SecondFactorLocked after too many."""
    staff, now = _lock(session, patron_id), utc_now()
    if staff.totp_locked_until is not None:
        if now < staff.totp_locked_until:
            raise SecondFactorLocked
        staff.totp_locked_until, staff.totp_failures = None, 0
    staff.totp_failures += 1
    if staff.totp_failures >= MOST_TOTP_FAILURES:
        staff.totp_locked_until = now + TOTP_LOCK


def begin_enrolment(session: Session, patron_id: int, enrolment: str, sealer: MultiFernet) -> str:
    """Make the secret that her app will share with us, and return it; raises EnrolmentWrong."""
    staff = _enrolling(session, patron_id, enrolment)
    secret = pyotp.random_base32()
    staff.totp_sealed, staff.totp_failures, staff.totp_locked_until = _seal(secret, sealer), 0, None
    return secret


def get_secret(session: Session, patron_id: int, enrolment: str, sealer: MultiFernet) -> str:
    """Return the secret of an enrolment that has begun; raises EnrolmentWrong."""
    return _open(_enrolling(session, patron_id, enrolment), sealer)


def finish_enrolment(session: Session, sign_in: SignIn, enrolment: str, code: str, sealer: MultiFernet) -> str:
    """Connect her app by its first code; return the token of a new sign-in."""
    staff = _enrolling(session, sign_in.patron_id, enrolment)
    _accept(staff, code, sealer)
    staff.totp_confirmed_at, staff.enrolment_hash = utc_now(), None
    return _elevate(session, sign_in, "staff.enrolled")


def pass_second_factor(session: Session, sign_in: SignIn, code: str, sealer: MultiFernet) -> str:
    """Take a code of her app; return the token of a new sign-in, which the old one makes way for."""
    staff = _lock(session, sign_in.patron_id)
    if staff.totp_confirmed_at is None:
        raise SecondFactorWrong
    _accept(staff, code, sealer)
    return _elevate(session, sign_in, "staff.signed_in")


def _lock(session: Session, patron_id: int) -> StaffRole:
    wanted = select(StaffRole).filter_by(patron_id=patron_id, disabled_at=None).with_for_update(of=StaffRole)
    # What was read before the lock is old news.
    wanted = wanted.execution_options(populate_existing=True)
    staff = session.scalar(wanted)
    if staff is None:
        raise NotStaff
    return staff


def _enrolling(session: Session, patron_id: int, enrolment: str) -> StaffRole:
    staff = _lock(session, patron_id)
    kept = staff.enrolment_hash or ""
    if not is_same(hash_of(typed_code(enrolment)), kept) or _is_past(staff.enrolment_expires_at):
        raise EnrolmentWrong
    return staff


def _is_past(moment: datetime | None) -> bool:
    return moment is None or moment <= utc_now()


def _accept(staff: StaffRole, code: str, sealer: MultiFernet) -> None:
    step = accepted_step(_open(staff, sealer), code, utc_now(), staff.totp_last_step)
    if step is None:
        raise SecondFactorWrong
    staff.totp_last_step, staff.totp_failures, staff.totp_locked_until = step, 0, None
    # Sealed anew, so that an old key can be taken out of SECRET_KEY_FALLBACKS after a while.
    staff.totp_sealed = sealer.rotate(str(staff.totp_sealed).encode()).decode()


def _elevate(session: Session, sign_in: SignIn, action: str) -> str:
    sign_ins.end(session, sign_in.id)
    token = sign_ins.begin(session, sign_in.patron, has_second_factor=True)
    audit.note(session, actor=f"patron:{sign_in.patron.public_id}", action=action, subject=f"sign_in:{sign_in.id}")
    return token


def _seal(secret: str, sealer: MultiFernet) -> str:
    return sealer.encrypt(secret.encode()).decode()


def _open(staff: StaffRole, sealer: MultiFernet) -> str:
    try:
        return sealer.decrypt(str(staff.totp_sealed).encode()).decode()
    except InvalidToken:
        raise SecondFactorUnreadable from None
