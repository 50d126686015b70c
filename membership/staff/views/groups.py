"""Groups: made, given seats and time and a manager, relieved of a seat, ended with a reason."""

from contextlib import suppress

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from membership.audit.service import note
from membership.clock import utc_now
from membership.db import session, transaction
from membership.errors import Conflict, Invalid, NotFound
from membership.groups import service
from membership.groups.errors import UnknownSeat
from membership.groups.forms import read_end, read_group, read_locale, read_seats
from membership.groups.models import MOST_SEATS
from membership.groups.rules import last_day, state_of
from membership.i18n import gettext
from membership.patrons.login import staff_only
from membership.patrons.models import Role
from membership.staff.rules import audit_name
from membership.staff.views.desk import bp, errors_of, page_number, zone
from membership.tiers.service import list_open_tiers


@bp.get("/groups")
def list_groups() -> ResponseReturnValue:
    """Show which groups hold seats, and how many of them are taken."""
    staff_only(Role.VIEWER)
    groups = service.list_groups(session())
    occupancies = service.occupancies_of(session(), groups, utc_now())
    return render_template("staff/groups.html", groups=groups, occupancies=occupancies)


@bp.get("/groups/new")
def draft_group() -> ResponseReturnValue:
    """Ask what a new group is called, what it gets, and who looks after it."""
    staff_only(Role.FINANCE)
    return _form_page({})


@bp.post("/groups/new")
def add_group() -> ResponseReturnValue:
    """Make a group, and write to whoever looks after it."""
    actor = audit_name(staff_only(Role.FINANCE))
    try:
        draft = read_group(request.form, utc_now(), zone())
        with transaction() as current:
            group = service.add_group(current, draft, utc_now(), actor=actor)
    except (Invalid, NotFound, Conflict) as refusal:
        return _form_page(errors_of(refusal)), 400
    return _back(group.public_id, gettext("The group is made. Whoever looks after it gets a letter."))


@bp.get("/groups/<public_id>")
def show_group(public_id: str) -> ResponseReturnValue:
    """Show a group, its seats, and what can be done with it."""
    staff_only(Role.VIEWER)
    return _page(public_id, {})


@bp.post("/groups/<public_id>")
def change_group(public_id: str) -> ResponseReturnValue:
    """Give a group another number of seats, another last day, or another manager: whichever form was sent."""
    actor = audit_name(staff_only(Role.FINANCE))
    try:
        with transaction() as current:
            _change(current, public_id, actor)
    except (Invalid, Conflict) as refusal:
        return _page(public_id, errors_of(refusal)), 400
    return _back(public_id, gettext("The group is changed."))


def _change(current: Session, public_id: str, actor: str) -> None:
    now, what = utc_now(), request.form.get("what")
    if what == "seats":
        service.change_seats(current, public_id, read_seats(request.form), now, actor=actor)
    elif what == "end":
        service.extend_group(current, public_id, read_end(request.form, zone()), now, actor=actor)
    else:
        email = request.form.get("manager", "")
        service.name_manager(current, public_id, email, read_locale(request.form), actor=actor)


@bp.get("/groups/<public_id>/end")
def consider_ending_group(public_id: str) -> ResponseReturnValue:
    """Say whom it takes access from when a group ends."""
    staff_only(Role.FINANCE)
    return _end_page(public_id, {})


@bp.post("/groups/<public_id>/end")
def end_group(public_id: str) -> ResponseReturnValue:
    """End a group for good."""
    actor = audit_name(staff_only(Role.FINANCE))
    try:
        with transaction() as current:
            service.end_group(current, public_id, utc_now(), reason=request.form.get("reason", ""), actor=actor)
    except (Invalid, Conflict) as refusal:
        return _end_page(public_id, errors_of(refusal)), 400
    return _back(public_id, gettext("The group has ended, and so have its seats."))


@bp.get("/groups/<public_id>/seats/<seat_id>/remove")
def consider_removing_seat(public_id: str, seat_id: str) -> ResponseReturnValue:
    """Say what withdrawing an invitation, or taking a seat back, does."""
    staff_only(Role.FINANCE)
    group = service.get_group(session(), public_id)
    seat = service.get_seat(session(), group.id, seat_id)
    return render_template("staff/group_seat.html", group=group, seat=seat)


@bp.post("/groups/<public_id>/seats/<seat_id>/remove")
def remove_seat(public_id: str, seat_id: str) -> ResponseReturnValue:
    """Withdraw an invitation, or take a seat back."""
    actor = audit_name(staff_only(Role.FINANCE))
    group = service.get_group(session(), public_id)
    # Pressed twice, it is free the second time as well.
    with suppress(UnknownSeat), transaction() as current:
        seat = service.remove(current, group.id, seat_id, utc_now())
        told = {"seat": seat_id, "how": seat.ended_by}
        note(current, actor=actor, action="group.seat_removed", subject=f"group:{public_id}", **told)
    return _back(public_id, gettext("The seat is free again."))


def _form_page(errors: dict[str, str]) -> str:
    tiers = list_open_tiers(session())
    return render_template("staff/group_new.html", form=request.form, tiers=tiers, errors=errors, most=MOST_SEATS)


def _page(public_id: str, errors: dict[str, str]) -> str:
    group, page, now = service.get_group(session(), public_id), page_number(), utc_now()
    seats = service.list_seats(session(), group, page)
    told = {"occupancy": service.occupancy_of(session(), group, now), "page": page, "form": request.form}
    listed = [(seat, state_of(seat, now).value) for seat in seats[: service.PAGE]]
    told |= {
        "seats": listed,
        "has_more": len(seats) > service.PAGE,
        "last_day": group.ends_at and last_day(group.ends_at, zone()),
    }
    return render_template("staff/group.html", group=group, errors=errors, most=MOST_SEATS, **told)


def _end_page(public_id: str, errors: dict[str, str]) -> str:
    group = service.get_group(session(), public_id)
    occupancy = service.occupancy_of(session(), group, utc_now())
    return render_template("staff/group_end.html", group=group, occupancy=occupancy, errors=errors)


def _back(public_id: str, words: str) -> ResponseReturnValue:
    flash(words, "good")
    return redirect(url_for(".show_group", public_id=public_id), code=303)
