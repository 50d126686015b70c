"""Votes that are prepared: set to another time, or thrown away."""

from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from membership.clock import utc_now
from membership.db import session, transaction
from membership.errors import Invalid
from membership.i18n import gettext
from membership.patrons.login import staff_only
from membership.patrons.models import Role
from membership.staff.forms import read_moment
from membership.staff.rules import audit_name
from membership.staff.views.desk import bp, errors_of, zone
from membership.voting import service


@bp.get("/votes/rounds/<slug>/times")
def consider_times(slug: str) -> ResponseReturnValue:
    """Ask when a vote is to open and close instead."""
    staff_only(Role.EDITOR)
    return _times_page(slug)


@bp.post("/votes/rounds/<slug>/times")
def set_times(slug: str) -> ResponseReturnValue:
    """Let a vote that is prepared open at another time."""
    actor = audit_name(staff_only(Role.EDITOR))
    try:
        opens_at, closes_at = (read_moment(request.form, name, zone()) for name in ("opens_at", "closes_at"))
        with transaction() as current:
            round = service.get_round(current, slug)
            service.set_times(current, round, (opens_at, closes_at), utc_now(), actor=actor)
    except Invalid as refusal:
        return _times_page(slug, errors_of(refusal)), 400
    flash(gettext("The new times are set. The vote opens by itself when its time comes."), "good")
    return redirect(url_for(".show_round", slug=slug), code=303)


def _times_page(slug: str, errors: dict[str, str] | None = None) -> str:
    round, there = service.get_round(session(), slug), ZoneInfo(zone())
    planned = {name: f"{getattr(round, name).astimezone(there):%Y-%m-%dT%H:%M}" for name in ("opens_at", "closes_at")}
    return render_template("staff/round_times.html", round=round, form=request.form or planned, errors=errors or {})


@bp.get("/votes/rounds/<slug>/delete")
def consider_deleting_round(slug: str) -> ResponseReturnValue:
    """Say what deleting a vote that is prepared does."""
    staff_only(Role.EDITOR)
    return render_template("staff/round_delete.html", round=service.get_round(session(), slug))


@bp.post("/votes/rounds/<slug>/delete")
def delete_round(slug: str) -> ResponseReturnValue:
    """Throw a vote away that has not opened."""
    actor = audit_name(staff_only(Role.EDITOR))
    with transaction() as current:
        service.delete_round(current, service.get_round(current, slug), utc_now(), actor=actor)
    flash(gettext("The vote is deleted. Its topics are free for other votes."), "good")
    return redirect(url_for(".list_votes"), code=303)
