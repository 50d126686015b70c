"""Letters about groups: to whoever looks after one, to whom it invites, and to whoever lost a seat."""

from typing import Any

from sqlalchemy.orm import Session

from membership.groups.models import Group, Seat
from membership.mail import service as mail
from membership.patrons.models import Patron, Role
from membership.patrons.service.staff import list_staff


def tell_manager(session: Session, group: Group, manager: Patron) -> None:
    """Tell a patron that she looks after a group now; once for each group."""
    mail.write(
        session,
        "group_managed",
        to=str(manager.email),
        locale=manager.locale,
        about=group.public_id,
        group=group.name,
        tier=group.tier.name,
        seats=group.seats,
        **_until(group),
        group_url=path_of(group),
    )


def send_invitation(session: Session, seat: Seat, code: str) -> None:
    """Send the link to a seat, which works once."""
    mail.write(
        session,
        "seat_invitation",
        to=str(seat.email),
        locale=seat.locale,
        about=f"{seat.public_id}:{seat.times_sent}",
        group=seat.group.name,
        tier=seat.group.tier.name,
        expires_at=seat.expires_at.isoformat(),
        **_until(seat.group),
        join_url=f"/groups/join?code={code}",
    )


def forget_address(session: Session, seat: Seat) -> None:
    """Forget whom a seat was offered, here and in the letters that went there; its link opens nothing any more."""
    for number in range(1, seat.times_sent + 1):
        mail.forget(session, "seat_invitation", to=seat.email or "", about=f"{seat.public_id}:{number}")
    seat.email = seat.code_hash = None


def tell_lost(session: Session, seat: Seat, holder: Patron) -> None:
    """Tell a patron, once, that her seat gives nothing any more, and why."""
    ended_at = seat.ended_at or seat.group.ends_at
    mail.write(
        session,
        "seat_lost",
        to=str(holder.email),
        locale=holder.locale,
        about=f"{seat.public_id}:{ended_at and ended_at.date()}",
        group=seat.group.name,
        tier=seat.group.tier.name,
        is_over=seat.ended_by is None or seat.group.ended_at is not None,
    )


def tell_ending(session: Session, group: Group) -> None:
    """Tell its manager and the newsroom's admins, once for each end, that a group ends soon."""
    about = f"{group.public_id}:{group.ends_at and group.ends_at.date()}"
    values: dict[str, Any] = {"group": group.name, "tier": group.tier.name, "seats": group.seats, **_until(group)}
    if group.manager is not None and group.manager.email:
        to, locale = group.manager.email, group.manager.locale
        mail.write(session, "group_ending", to=to, locale=locale, about=about, group_url=path_of(group), **values)
    for staff in list_staff(session):
        if staff.role is Role.ADMIN and staff.disabled_at is None and staff.patron.email:
            url, to, locale = f"/staff/groups/{group.public_id}", staff.patron.email, staff.patron.locale
            mail.write(session, "group_ending_soon", to=to, locale=locale, about=about, group_url=url, **values)


def path_of(group: Group) -> str:
    """Return where a group is looked after."""
    return f"/groups/{group.public_id}"


def _until(group: Group) -> dict[str, Any]:
    return {"ends_at": group.ends_at.isoformat()} if group.ends_at else {}
