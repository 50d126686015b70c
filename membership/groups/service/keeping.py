"""What staff do with a group: make it, give it more or fewer seats and time, name its manager, end it."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from membership.audit.service import note
from membership.groups.errors import (
    EndsTooEarly,
    EndUnexplained,
    GroupOver,
    GroupUnnamed,
    ManagerShutOut,
    SeatsUnreadable,
    TooFewSeats,
)
from membership.groups.models import MOST_SEATS, Group, Seat, SeatEnd
from membership.groups.service.letters import tell_manager
from membership.groups.service.standing import get_group, lock, occupancy_of
from membership.patrons.models import Patron
from membership.patrons.service import check_name, is_shut_out, register
from membership.payments.service import get_payment
from membership.tiers.service import get_tier


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupDraft:
    """A group to be: its name, tier, number of seats, time, manager's address, and what paid for it, if anything."""

    name: str
    tier: str
    seats: int
    starts_at: datetime
    ends_at: datetime | None
    manager_email: str
    locale: str
    note: str = ""
    receipt_number: str = ""


def add_group(session: Session, draft: GroupDraft, now: datetime, *, actor: str) -> Group:
    """Make a group, and write to whoever looks after it.

    Raises GroupUnnamed, SeatsUnreadable, EndsTooEarly, UnknownTier, UnknownPayment, EmailUnreadable or NameTooLong.
    """
    name = check_name(draft.name)
    if not name:
        raise GroupUnnamed
    _check(draft.seats, draft.starts_at, draft.ends_at, now)
    payment = get_payment(session, draft.receipt_number) if draft.receipt_number else None
    group = Group(
        public_id=secrets.token_hex(8),
        name=name,
        tier=get_tier(session, draft.tier),
        seats=draft.seats,
        starts_at=draft.starts_at,
        ends_at=draft.ends_at,
        note=draft.note,
        payment=payment,
        created_at=now,
    )
    session.add(group)
    _name(session, group, register(session, draft.manager_email, locale=draft.locale))
    _note(session, group, "group.added", actor, tier=draft.tier, **_described(group))
    return group


def _check(seats: int, starts_at: datetime, ends_at: datetime | None, now: datetime) -> None:
    if not 1 <= seats <= MOST_SEATS:
        raise SeatsUnreadable
    if ends_at is not None and ends_at <= max(starts_at, now):
        raise EndsTooEarly


def change_seats(session: Session, public_id: str, seats: int, now: datetime, *, actor: str) -> Group:
    """Give a group more or fewer seats. Raises TooFewSeats when more are taken, SeatsUnreadable or GroupOver."""
    group = lock_going(session, public_id)
    _check(seats, group.starts_at, None, now)
    taken = occupancy_of(session, group, now).taken
    if seats < taken:
        raise TooFewSeats(taken=taken)
    before, group.seats = group.seats, seats
    _note(session, group, "group.seats_changed", actor, before=before, after=seats)
    return group


def extend_group(session: Session, public_id: str, ends_at: datetime | None, now: datetime, *, actor: str) -> Group:
    """Let a group last until another moment, or until staff end it; what its seats gave, they give again.

    Raises EndsTooEarly or GroupOver.
    """
    group = lock_going(session, public_id)
    _check(group.seats, group.starts_at, ends_at, now)
    before, group.ends_at = group.ends_at, ends_at
    group.warned_at = None
    held = update(Seat).where(Seat.group_id == group.id, Seat.ended_at.is_(None))
    session.execute(held.values(told_at=None), execution_options={"synchronize_session": False})
    told = {"before": before and before.isoformat(), "after": ends_at and ends_at.isoformat()}
    _note(session, group, "group.extended", actor, **told)
    return group


def name_manager(session: Session, public_id: str, email: str, locale: str, *, actor: str) -> Group:
    """Let another patron look after a group, and write to her. Raises GroupOver or EmailUnreadable."""
    group = lock_going(session, public_id)
    _name(session, group, register(session, email, locale=locale))
    _note(session, group, "group.manager_named", actor)
    return group


def end_group(session: Session, public_id: str, now: datetime, *, reason: str, actor: str) -> Group:
    """End a group for good, and every seat of it at once. Raises EndUnexplained or GroupOver."""
    if not reason.strip():
        raise EndUnexplained
    group = lock_going(session, public_id)
    group.ended_at, group.end_reason = now, reason.strip()
    group.ends_at = max(min(group.ends_at or now, now), group.starts_at)
    seats = session.scalars(select(Seat).filter_by(group_id=group.id, ended_at=None)).all()
    for seat in seats:
        seat.end(SeatEnd.GROUP_ENDED, now)
    _note(session, group, "group.ended", actor, reason=group.end_reason, seats=len(seats))
    return group


def lock_going(session: Session, public_id: str) -> Group:
    """Lock a group that staff have not ended; raises UnknownGroup or GroupOver."""
    group = lock(session, get_group(session, public_id).id)
    if group.ended_at is not None:
        raise GroupOver
    return group


def _name(session: Session, group: Group, manager: Patron) -> None:
    if is_shut_out(session, manager.id):
        raise ManagerShutOut
    group.manager = manager
    session.flush()
    tell_manager(session, group, manager)


def _described(group: Group) -> dict[str, object]:
    ends_at = group.ends_at and group.ends_at.isoformat()
    paid = group.payment.receipt_number if group.payment else None
    return {"seats": group.seats, "starts_at": group.starts_at.isoformat(), "ends_at": ends_at, "paid": paid}


def _note(session: Session, group: Group, action: str, actor: str, **details: object) -> None:
    note(session, actor=actor, action=action, subject=f"group:{group.public_id}", **details)
