"""A seat is taken once, by one patron, and never more than there are; its holder may leave it."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from membership.groups.errors import (
    AlreadySeated,
    GroupFull,
    GroupOver,
    InvitationExpired,
    InvitationUnknown,
    SeatTaken,
    ShutOut,
    UnknownSeat,
)
from membership.groups.models import Seat, SeatEnd
from membership.groups.rules import SeatState, state_of
from membership.groups.service.standing import list_held, lock, occupancy_of
from membership.patrons.rules import hash_of
from membership.patrons.service import hold, is_shut_out


def find_invitation(session: Session, code: str, patron_id: int | None, now: datetime) -> Seat:
    """Return what a link invites to, as long as whoever asks may take it or has taken it.

    Raises InvitationUnknown, InvitationExpired, GroupOver or SeatTaken.
    """
    seat = _by_code(session, code)
    _admit(seat, patron_id, now)
    return seat


def take(session: Session, code: str, patron_id: int, now: datetime) -> Seat:
    """Give a patron the seat that a link invites to; the same patron may press twice.

    Raises what find_invitation raises, ErasureUnderWay, ShutOut, AlreadySeated or GroupFull.
    """
    # She first and the group after her, as whoever erases her or makes two accounts of hers one.
    patron_id = hold(session, patron_id).id
    if is_shut_out(session, patron_id):
        raise ShutOut
    group = lock(session, _by_code(session, code).group_id)
    # Looked for again: it may have been taken or withdrawn while the lock was waited for.
    seat = _by_code(session, code)
    _admit(seat, patron_id, now)
    if seat.patron_id == patron_id:
        return seat
    if any(held.group_id == group.id for held in list_held(session, patron_id)):
        raise AlreadySeated
    if occupancy_of(session, group, now).taken >= group.seats:
        raise GroupFull
    seat.patron_id, seat.taken_at = patron_id, now
    session.flush()
    return seat


def leave(session: Session, patron_id: int, public_id: str, now: datetime) -> Seat:
    """Give a seat back at once. Raises UnknownSeat when it is not hers."""
    lock(session, get_held(session, patron_id, public_id).group_id)
    # Looked for again: it may have been taken back while the lock was waited for.
    held = get_held(session, patron_id, public_id)
    held.end(SeatEnd.LEFT, now)
    return held


def get_held(session: Session, patron_id: int, public_id: str) -> Seat:
    """Return a seat that a patron has, or raise UnknownSeat."""
    held = next((seat for seat in list_held(session, patron_id) if seat.public_id == public_id), None)
    if held is None:
        raise UnknownSeat
    return held


def _by_code(session: Session, code: str) -> Seat:
    wanted = select(Seat).filter_by(code_hash=hash_of(code), ended_at=None)
    seat = session.scalar(wanted.execution_options(populate_existing=True))
    if seat is None:
        raise InvitationUnknown
    return seat


def _admit(seat: Seat, patron_id: int | None, now: datetime) -> None:
    state = state_of(seat, now)
    if state is SeatState.TAKEN and seat.patron_id != patron_id:
        raise SeatTaken
    if state is SeatState.EXPIRED:
        raise InvitationExpired
    if seat.group.is_over(now):
        raise GroupOver
