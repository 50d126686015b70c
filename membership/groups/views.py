"""A group's manager invites people; whoever is invited takes a seat, and may leave it."""

from contextlib import suppress

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from membership.audit.service import note
from membership.clock import utc_now
from membership.db import session, transaction
from membership.errors import Conflict, Invalid
from membership.groups import service
from membership.groups.errors import UnknownSeat
from membership.groups.forms import read_addresses, read_locale
from membership.groups.models import Group
from membership.groups.rules import MOST_AT_ONCE, sends_again_at, state_of
from membership.i18n import current_locale, gettext, ngettext
from membership.patrons.login import ask_letter, current_patron, signed_in
from membership.patrons.service import canonical_email, find_leaving, register
from membership.web import read_page, say, status_of

bp = Blueprint("groups", __name__, url_prefix="/groups")


@bp.get("/<public_id>")
def show(public_id: str) -> ResponseReturnValue:
    """Show whoever looks after a group whom she has invited, and who took a seat; never what anybody does."""
    return _page(service.get_managed(session(), public_id, signed_in().id))


@bp.post("/<public_id>/invite")
def invite(public_id: str) -> ResponseReturnValue:
    """Invite several addresses at once, all of them or none."""
    group = service.get_managed(session(), public_id, signed_in().id)
    try:
        addresses = read_addresses(request.form)
        with transaction() as current:
            done = service.invite(current, group.id, addresses, read_locale(request.form), utc_now())
            _note(current, group, "group.invited", new=done.new)
    except (Invalid, Conflict) as refusal:
        page = _page(service.get_managed(session(), public_id, signed_in().id), {refusal.field or "form": say(refusal)})
        return page, status_of(refusal)
    return _back(public_id, _said_of(done))


def _said_of(done: service.Invited) -> str:
    new = ngettext("%(num)s invitation is on its way.", "%(num)s invitations are on their way.", done.new)
    if not done.known:
        return new
    known = ngettext("%(num)s address was invited already.", "%(num)s addresses were invited already.", done.known)
    return f"{new} {known}" if done.new else known


@bp.post("/<public_id>/seats/<seat_id>/send")
def send_again(public_id: str, seat_id: str) -> ResponseReturnValue:
    """Send an invitation again; the link of the one before works no more."""
    group = service.get_managed(session(), public_id, signed_in().id)
    with transaction() as current:
        service.send_again(current, group.id, seat_id, utc_now())
        _note(current, group, "group.invited_again", seat=seat_id)
    return _back(public_id, gettext("The invitation is on its way again. The link that was sent before does not work."))


@bp.get("/<public_id>/seats/<seat_id>/remove")
def consider_removing(public_id: str, seat_id: str) -> ResponseReturnValue:
    """Say what withdrawing an invitation, or taking a seat back, does."""
    group = service.get_managed(session(), public_id, signed_in().id)
    seat = service.get_seat(session(), group.id, seat_id)
    return render_template("groups/remove.html", group=group, seat=seat)


@bp.post("/<public_id>/seats/<seat_id>/remove")
def remove(public_id: str, seat_id: str) -> ResponseReturnValue:
    """Withdraw an invitation, or take a seat back."""
    group = service.get_managed(session(), public_id, signed_in().id)
    # Pressed twice, it is free the second time as well.
    with suppress(UnknownSeat), transaction() as current:
        seat = service.remove(current, group.id, seat_id, utc_now())
        _note(current, group, "group.seat_removed", seat=seat_id, how=seat.ended_by)
    return _back(public_id, gettext("The seat is free again."))


@bp.get("/join")
def consider_joining() -> ResponseReturnValue:
    """Say what a seat is and from whom; nothing is taken by opening an address."""
    return _join_page(request.args.get("code", ""), {})


@bp.post("/join")
def join() -> ResponseReturnValue:
    """Take a seat."""
    patron, code = signed_in(), request.form.get("code", "")
    with transaction() as current:
        seat = service.take(current, code, patron.id, utc_now())
        note(current, actor="the patron", action="group.seat_taken", subject=f"seat:{seat.public_id}")
    flash(gettext("The seat is yours."), "good")
    return redirect("/account", code=303)


@bp.post("/join/sign-in")
def sign_in() -> ResponseReturnValue:
    """Send whoever is invited a letter with a way in, under the address that she wants her seat to be of."""
    code = request.form.get("code", "")
    try:
        email = canonical_email(request.form.get("email", ""))
        with transaction() as current:
            service.find_invitation(current, code, None, utc_now())
            # Accounts are made as slowly as letters are asked for, however often one link is tried.
            is_heard = ask_letter(current, email, url_for(".consider_joining", code=code))
            # Whoever is being erased has an account, and learns by the letter that nothing is begun with it.
            if is_heard and find_leaving(current, email) is None:
                register(current, email, locale=current_locale())
    except Invalid as refusal:
        return _join_page(code, {refusal.field or "form": say(refusal)}), 400
    return redirect(url_for("sign_in.type_code"), code=303)


@bp.get("/seats/<seat_id>/leave")
def consider_leaving(seat_id: str) -> ResponseReturnValue:
    """Say what leaving a group does."""
    return render_template("groups/leave.html", seat=service.get_held(session(), signed_in().id, seat_id))


@bp.post("/seats/<seat_id>/leave")
def leave(seat_id: str) -> ResponseReturnValue:
    """Give a seat back."""
    patron = signed_in()
    with suppress(UnknownSeat), transaction() as current:
        seat = service.leave(current, patron.id, seat_id, utc_now())
        note(current, actor="the patron", action="group.seat_left", subject=f"seat:{seat.public_id}")
    flash(gettext("You have left the group."), "good")
    return redirect("/account", code=303)


def _page(group: Group, errors: dict[str, str] | None = None) -> str:
    now, page = utc_now(), read_page(request.args.get("page", ""))
    listed = service.list_seats(session(), group, page)
    seats = [(seat, state_of(seat, now).value, sends_again_at(seat)) for seat in listed[: service.PAGE]]
    told = {"seats": seats, "page": page, "has_more": len(listed) > service.PAGE, "most": MOST_AT_ONCE}
    told |= {"occupancy": service.occupancy_of(session(), group, now), "errors": errors or {}, "form": request.form}
    return render_template("groups/group.html", group=group, **told)


def _join_page(code: str, errors: dict[str, str]) -> str:
    patron = current_patron()
    seat = service.find_invitation(session(), code, patron.id if patron else None, utc_now())
    email = request.form.get("email", seat.email or "")
    return render_template("groups/join.html", seat=seat, code=code, patron=patron, email=email, errors=errors)


def _note(current: Session, group: Group, action: str, **details: object) -> None:
    note(current, actor="the group's manager", action=action, subject=f"group:{group.public_id}", **details)


def _back(public_id: str, words: str) -> ResponseReturnValue:
    flash(words, "good")
    return redirect(url_for(".show", public_id=public_id), code=303)
