"""What time alone does to groups: they end soon, seats are lost, invitations expire, addresses are forgotten."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from membership.groups import rules
from membership.groups.models import Group, Seat, SeatEnd
from membership.groups.service.letters import forget_address, tell_ending, tell_lost
from membership.patrons.models import Patron

BATCH = 200


def list_ending(session: Session, now: datetime) -> list[int]:
    """List the groups whose manager is to be told that they end soon."""
    soon = select(Group.id).where(Group.warned_at.is_(None), Group.ended_at.is_(None))
    return list(session.scalars(soon.where(Group.ends_at > now, Group.ends_at <= now + rules.WARNED_BEFORE)))


def list_lost(session: Session, now: datetime) -> list[int]:
    """List the seats whose holders are to be told that they give nothing any more, so many at a time."""
    lost = select(Seat.id).join(Group).where(_is_lost(now)).order_by(Seat.id).limit(BATCH)
    return list(session.scalars(lost))


def _is_lost(now: datetime) -> ColumnElement[bool]:
    is_over = and_(Seat.ended_at.is_(None), Group.ends_at <= now)
    return and_(Seat.patron_id.is_not(None), Seat.told_at.is_(None), or_(is_over, Seat.ended_by.in_(rules.TOLD)))


def warn(session: Session, group_id: int, now: datetime) -> None:
    """Tell that a group ends soon; who was told of this end is not told again."""
    group = session.get_one(Group, group_id, populate_existing=True)
    group.warned_at = now
    tell_ending(session, group)


def tell_holders(session: Session, seat_ids: Sequence[int], now: datetime) -> None:
    """Tell, once, whoever lost a seat."""
    lost = select(Seat, Patron).join(Group, Group.id == Seat.group_id).join(Patron, Patron.id == Seat.patron_id)
    # Asked again: another worker, or an extension, may have been quicker.
    for seat, holder in session.execute(lost.where(Seat.id.in_(seat_ids), _is_lost(now))).all():
        seat.told_at = now
        if holder.email is not None:
            tell_lost(session, seat, holder)


def forget_invitations(session: Session, now: datetime) -> None:
    """End what nobody took for long, and forget the addresses of what has ended long ago."""
    long_ago = now - rules.FORGOTTEN_AFTER
    untaken = and_(Seat.patron_id.is_(None), Seat.ended_at.is_(None), Seat.expires_at <= long_ago)
    over = select(Seat).where(Seat.email.is_not(None), or_(untaken, Seat.ended_at <= long_ago))
    for seat in session.scalars(over.with_for_update()):
        if seat.ended_at is None:
            seat.end(SeatEnd.EXPIRED, now)
        forget_address(session, seat)
