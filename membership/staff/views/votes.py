"""Votes: prepared, opened, closed; sealed for staff too until they close."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from membership.clock import utc_now
from membership.db import session, transaction
from membership.errors import Conflict, Invalid
from membership.i18n import gettext
from membership.patrons.login import staff_only
from membership.patrons.models import Role
from membership.staff import service as staff
from membership.staff.forms import read_draft, read_reason
from membership.staff.rules import audit_name
from membership.staff.views.desk import bp, errors_of, zone
from membership.voting import service
from membership.web import status_of


@bp.get("/votes")
def list_votes() -> ResponseReturnValue:
    """Show all votes and topics."""
    staff_only(Role.VIEWER)
    return render_template("staff/votes.html", rounds=service.list_rounds(session()))


@bp.get("/votes/new")
def draft_round() -> ResponseReturnValue:
    """Ask for what a vote needs."""
    staff_only(Role.EDITOR)
    return _draft_page()


@bp.post("/votes/new")
def create_round() -> ResponseReturnValue:
    """Prepare a vote."""
    actor = audit_name(staff_only(Role.EDITOR))
    try:
        with transaction() as current:
            round = service.create_round(current, read_draft(request.form, zone()), actor=actor)
    except (Invalid, Conflict) as refusal:
        return _draft_page(errors_of(refusal)), status_of(refusal)
    flash(gettext("The vote is prepared. It opens by itself when its time comes."), "good")
    return redirect(url_for(".show_round", slug=round.slug), code=303)


def _draft_page(errors: dict[str, str] | None = None) -> str:
    topics = service.list_free_topics(session())
    chosen = request.form.getlist("topics")
    return render_template("staff/round_new.html", topics=topics, form=request.form, chosen=chosen, errors=errors or {})


@bp.get("/votes/rounds/<slug>")
def show_round(slug: str) -> ResponseReturnValue:
    """Show a vote; how it stands only once it has closed."""
    staff_only(Role.VIEWER)
    round = service.get_round(session(), slug)
    return render_template("staff/round.html", round=round, roll=staff.count_roll(session(), round))


@bp.get("/votes/rounds/<slug>/open")
def consider_opening(slug: str) -> ResponseReturnValue:
    """Say who will be able to vote, and what is fixed from then on."""
    staff_only(Role.EDITOR)
    round = service.get_round(session(), slug)
    voters = staff.count_voters(session(), utc_now())
    return render_template("staff/round_open.html", round=round, voters=voters)


@bp.post("/votes/rounds/<slug>/open")
def open_round(slug: str) -> ResponseReturnValue:
    """Open a vote before its time."""
    actor = audit_name(staff_only(Role.EDITOR))
    with transaction() as current:
        service.open_round(current, service.get_round(current, slug), utc_now(), actor)
    flash(gettext("The vote is open."), "good")
    return redirect(url_for(".show_round", slug=slug), code=303)


@bp.get("/votes/rounds/<slug>/close")
def consider_closing(slug: str) -> ResponseReturnValue:
    """Say what closing does."""
    staff_only(Role.EDITOR)
    return _close_page(slug)


@bp.post("/votes/rounds/<slug>/close")
def close_round(slug: str) -> ResponseReturnValue:
    """Close a vote before its time, and count it."""
    actor = audit_name(staff_only(Role.EDITOR))
    try:
        reason = read_reason(request.form)
    except Invalid as refusal:
        return _close_page(slug, errors_of(refusal)), 400
    with transaction() as current:
        service.close_round(current, service.get_round(current, slug), utc_now(), actor, reason=reason)
    flash(gettext("The vote is closed and counted."), "good")
    return redirect(url_for(".show_round", slug=slug), code=303)


def _close_page(slug: str, errors: dict[str, str] | None = None) -> str:
    round = service.get_round(session(), slug)
    return render_template("staff/round_close.html", round=round, errors=errors or {})
