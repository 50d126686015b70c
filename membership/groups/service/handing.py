"""What becomes of seats and groups with an account: it goes over into another one, is shut out, or is erased."""

from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from membership.groups.models import Group, Seat, SeatEnd
from membership.groups.service.letters import forget_address
from membership.groups.service.standing import list_held
from membership.patrons.models import Patron


def hand_over_seats(session: Session, leaving: Patron, staying: Patron, now: datetime) -> int:
    """Let the seats and groups of one account be the other's; return how many seats and groups those are.

    Where both have a seat in one group, one of the two is free again. The manager keeps the address that she invited,
    and does not learn the other one.
    """
    own = {seat.group_id for seat in list_held(session, staying.id)}
    for seat in list_held(session, leaving.id):
        if seat.group_id in own:
            seat.end(SeatEnd.MERGED, now)
    session.flush()
    hers = session.scalars(select(Seat).filter_by(patron_id=leaving.id)).all()
    for seat in hers:
        seat.patron_id = staying.id
    managed = session.scalars(select(Group).filter_by(manager_id=leaving.id)).all()
    for group in managed:
        group.manager = staying
    session.flush()
    return len(hers) + len(managed)


def shut_out(session: Session, patron_id: int, now: datetime) -> None:
    """Free the seats of whoever is shut out, and let staff name somebody else who looks after her groups."""
    for seat in list_held(session, patron_id):
        seat.end(SeatEnd.BANNED, now)
    session.execute(update(Group).filter_by(manager_id=patron_id).values(manager_id=None))


def forget_seats(session: Session, patron: Patron, now: datetime) -> None:
    """Free the seats of whoever is erased, forget her address, and let staff name who looks after her groups."""
    hers = or_(Seat.patron_id == patron.id, Seat.email == (patron.email or ""))
    for seat in session.scalars(select(Seat).where(hers)):
        if seat.ended_at is None and seat.patron_id in (None, patron.id):
            seat.end(SeatEnd.ERASED, now)
        forget_address(session, seat)
    session.execute(update(Group).filter_by(manager_id=patron.id).values(manager_id=None))
