"""What a group's manager does: invite to seats, send again, withdraw, take back."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from membership.groups import rules
from membership.groups.errors import GroupOver, InvitedOftenEnough, NoSeatsLeft, SentOftenEnough, TooManyLetters
from membership.groups.models import Group, Seat, SeatEnd
from membership.groups.rules import SeatState, state_of
from membership.groups.service.letters import send_invitation
from membership.groups.service.standing import get_seat, lock, occupancy_of
from membership.patrons.rules import hash_of
from membership.patrons.service import find_by_email


@dataclass(frozen=True, slots=True)
class Invited:
    """How many addresses were invited now, and how many have an open invitation or a seat already."""

    new: int
    known: int


def invite(session: Session, group_id: int, emails: Sequence[str], locale: str, now: datetime) -> Invited:
    """Send an invitation to each address that has none and no seat; all of them or none.

    Whoever has an account is written to in her own language. Raises GroupOver, NoSeatsLeft, TooManyLetters or
    InvitedOftenEnough.
    """
    group = _lock_open(session, group_id, now)
    seats = {seat.email: seat for seat in _seats_of(session, group, emails)}
    wanted = [email for email in emails if email not in seats or state_of(seats[email], now) is SeatState.EXPIRED]
    _admit(session, group, len(wanted), now)
    for email in wanted:
        if _is_sent_enough(session, group, email):
            raise InvitedOftenEnough(email=email)
        _send(session, seats.get(email) or _new_seat(session, group, email, locale, now), now)
    return Invited(len(wanted), len(emails) - len(wanted))


def send_again(session: Session, group_id: int, public_id: str, now: datetime) -> None:
    """Send a new link to an invited address; the one before works no more.

    Raises GroupOver, UnknownSeat, NoSeatsLeft, TooManyLetters or SentOftenEnough.
    """
    group = _lock_open(session, group_id, now)
    seat = get_seat(session, group.id, public_id)
    state = state_of(seat, now)
    _admit(session, group, 1, now, is_counted=state is SeatState.INVITED)
    if state is SeatState.TAKEN or not rules.may_send_again(seat, now) or _is_sent_enough(session, group, seat.email):
        raise SentOftenEnough
    _send(session, seat, now)


def remove(session: Session, group_id: int, public_id: str, now: datetime) -> Seat:
    """Withdraw an invitation, or take a seat back at once. Raises UnknownSeat."""
    lock(session, group_id)
    seat = get_seat(session, group_id, public_id)
    seat.end(SeatEnd.WITHDRAWN if seat.patron_id is None else SeatEnd.TAKEN_BACK, now)
    return seat


def _lock_open(session: Session, group_id: int, now: datetime) -> Group:
    group = lock(session, group_id)
    if group.is_over(now):
        raise GroupOver
    return group


def _seats_of(session: Session, group: Group, emails: Sequence[str]) -> Sequence[Seat]:
    known = select(Seat).where(Seat.group_id == group.id, Seat.ended_at.is_(None), Seat.email.in_(emails))
    return session.scalars(known.execution_options(populate_existing=True)).all()


def _admit(session: Session, group: Group, wanted: int, now: datetime, *, is_counted: bool = False) -> None:
    free = occupancy_of(session, group, now).free
    if wanted > free and not is_counted:
        raise NoSeatsLeft(wanted=wanted, free=free)
    sent = select(func.count()).where(Seat.group_id == group.id, Seat.sent_at > now - rules.LETTERS_COUNTED)
    if (session.scalar(sent) or 0) + wanted > rules.most_letters(group.seats):
        raise TooManyLetters


def _is_sent_enough(session: Session, group: Group, email: str | None) -> bool:
    # Those that were withdrawn count, too: inviting and withdrawing is no way around.
    before = select(func.coalesce(func.sum(Seat.times_sent), 0)).where(Seat.group_id == group.id, Seat.email == email)
    return session.scalars(before).one() >= rules.MOST_SENT


def _new_seat(session: Session, group: Group, email: str, locale: str, now: datetime) -> Seat:
    known = find_by_email(session, email)
    seat = Seat(public_id=secrets.token_hex(8), group=group, email=email, times_sent=0, expires_at=now)
    seat.locale = known.locale if known else locale
    session.add(seat)
    return seat


def _send(session: Session, seat: Seat, now: datetime) -> None:
    code = rules.new_code()
    seat.code_hash, seat.sent_at, seat.expires_at = hash_of(code), now, now + rules.INVITATION_LIFE
    seat.times_sent += 1
    session.flush()
    send_invitation(session, seat, code)
