"""Groups and seats to look at, and how many seats are taken and free."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from membership.groups.errors import UnknownGroup, UnknownSeat
from membership.groups.models import Group, Seat

PAGE = 100


@dataclass(frozen=True, slots=True)
class Occupancy:
    """How many seats a group has, how many are taken, and for how many an invitation is open."""

    seats: int
    taken: int
    invited: int

    @property
    def free(self) -> int:
        return max(self.seats - self.taken - self.invited, 0)


def get_group(session: Session, public_id: str) -> Group:
    """Return a group by its public id, or raise UnknownGroup."""
    return _known(session.scalar(select(Group).filter_by(public_id=public_id)))


def get_managed(session: Session, public_id: str, patron_id: int) -> Group:
    """Return a group that this patron looks after; another's is as unknown as one that never was (UnknownGroup)."""
    return _known(session.scalar(select(Group).filter_by(public_id=public_id, manager_id=patron_id)))


def _known(group: Group | None) -> Group:
    if group is None:
        raise UnknownGroup
    return group


def lock(session: Session, group_id: int) -> Group:
    """Let nobody else invite to this group, take or end a seat of it, nor change it, until the transaction ends."""
    return session.get_one(Group, group_id, with_for_update={"of": Group}, populate_existing=True)


def list_groups(session: Session) -> Sequence[Group]:
    """List every group, the latest first."""
    return session.scalars(select(Group).order_by(Group.id.desc())).all()


def count_unmanaged(session: Session) -> int:
    """Count the groups for which staff are to name a manager."""
    return session.scalar(select(func.count(Group.id)).filter_by(manager_id=None, ended_at=None)) or 0


def list_managed(session: Session, patron_id: int) -> Sequence[Group]:
    """List the groups that a patron looks after, without those that staff have ended."""
    return session.scalars(select(Group).filter_by(manager_id=patron_id, ended_at=None).order_by(Group.name)).all()


def is_invited(now: datetime) -> ColumnElement[bool]:
    """Tell invitations that somebody may still take."""
    return Seat.patron_id.is_(None) & (Seat.expires_at > now)


def occupancy_of(session: Session, group: Group, now: datetime) -> Occupancy:
    """Count the seats of a group."""
    return occupancies_of(session, [group], now)[group.id]


def occupancies_of(session: Session, groups: Sequence[Group], now: datetime) -> dict[int, Occupancy]:
    """Count the seats of several groups, in one query."""
    counted = select(Seat.group_id, func.count(Seat.patron_id), func.count().filter(is_invited(now)))
    wanted = counted.where(Seat.group_id.in_([group.id for group in groups]), Seat.ended_at.is_(None))
    found = {key: (taken, invited) for key, taken, invited in session.execute(wanted.group_by(Seat.group_id))}
    return {group.id: Occupancy(group.seats, *found.get(group.id, (0, 0))) for group in groups}


def list_seats(session: Session, group: Group, page: int = 1) -> Sequence[Seat]:
    """List who is invited to a group and who took a seat, one more than a page if there are."""
    seats = select(Seat).filter_by(group_id=group.id, ended_at=None).order_by(Seat.email, Seat.id)
    return session.scalars(seats.offset((page - 1) * PAGE).limit(PAGE + 1)).all()


def list_held(session: Session, patron_id: int) -> Sequence[Seat]:
    """List the seats that a patron has now, those of groups that are over too."""
    return session.scalars(select(Seat).filter_by(patron_id=patron_id, ended_at=None).order_by(Seat.id)).all()


def get_seat(session: Session, group_id: int, public_id: str) -> Seat:
    """Return an invitation or a seat of a group that is in force, or raise UnknownSeat."""
    wanted = select(Seat).filter_by(group_id=group_id, public_id=public_id, ended_at=None)
    seat = session.scalar(wanted.execution_options(populate_existing=True))
    if seat is None:
        raise UnknownSeat
    return seat
