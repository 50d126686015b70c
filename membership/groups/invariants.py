"""What must always be true of groups and their seats."""

from collections.abc import Callable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from membership.groups.models import Group, Seat
from membership.patrons.models import Patron

_HELD = (Seat.patron_id.is_not(None), Seat.ended_at.is_(None))


def overfull(session: Session) -> list[str]:
    """List the groups in which more seats are taken than there are."""
    taken = select(func.count()).where(Seat.group_id == Group.id, *_HELD).scalar_subquery()
    return [f"group {key}" for key in session.scalars(select(Group.id).where(taken > Group.seats))]


def outliving(session: Session) -> list[str]:
    """List the seats in force of groups that staff have ended: they would give access."""
    alive = select(Seat.id).join(Group).where(Seat.ended_at.is_(None), Group.ended_at.is_not(None))
    return [f"seat {key}" for key in session.scalars(alive.order_by(Seat.id))]


def held_by_nobody(session: Session) -> list[str]:
    """List the seats in force whose holders were erased, or went over into another account."""
    gone = select(Seat.id).join(Patron, Patron.id == Seat.patron_id).where(*_HELD, Patron.email.is_(None))
    return [f"seat {key}" for key in session.scalars(gone.order_by(Seat.id))]


INVARIANTS: dict[str, Callable[[Session], list[str]]] = {
    "G4 no group holds more than its seats": overfull,
    "G5 no seat outlives its group": outliving,
    "G6 every seat that is taken is somebody's": held_by_nobody,
}
