"""Votes: prepared, opened, closed; sealed for staff too until they close."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from membership.clock import utc_now
from membership.db import session, transaction
from membership.errors import Conflict, Invalid
from membership.i18n import current_locale, gettext
from membership.patrons.login import staff_only
from membership.patrons.models import Role
from membership.patrons.service.people import get_patron, register
from membership.staff import service as staff
from membership.staff.drafts import fill_in, read_draft
from membership.staff.forms import read_moment, read_reason
from membership.staff.rules import audit_name
from membership.staff.views.desk import bp, errors_of, zone
from membership.tiers.service import list_open_tiers
from membership.voting import rules, service
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
            tiers = [tier.slug for tier in list_open_tiers(current)]
            round = service.create_round(current, read_draft(request.form, zone(), tiers), actor=actor)
    except (Invalid, Conflict) as refusal:
        return _draft_page(errors_of(refusal)), status_of(refusal)
    flash(gettext("The vote is prepared. It opens by itself when its time comes."), "good")
    return redirect(url_for(".show_round", slug=round.slug), code=303)


def _draft_page(errors: dict[str, str] | None = None) -> str:
    return render_template(
        "staff/round_new.html",
        topics=service.list_free_topics(session()),
        form=request.form or fill_in(request.args.get("pattern", ""), utc_now(), zone()),
        chosen=request.form.getlist("topics"),
        wanted=request.form.getlist("tiers"),
        tiers=list_open_tiers(session()),
        patterns=rules.PATTERNS,
        errors=errors or {},
    )


@bp.get("/votes/rounds/<slug>")
def show_round(slug: str) -> ResponseReturnValue:
    """Show a vote; how it stands only once it has closed."""
    staff_only(Role.VIEWER)
    round = service.get_round(session(), slug)
    guests, (_, tiers) = service.list_guests(session(), round), service.list_outcomes(session(), round)
    return render_template(
        "staff/round.html",
        round=round,
        on_roll=staff.count_roll(session(), round),
        guests=guests,
        tiers=tiers,
        weights=service.list_planned_weights(session(), round),
    )


@bp.get("/votes/rounds/<slug>/open")
def consider_opening(slug: str) -> ResponseReturnValue:
    """Say who will be able to vote, and what is fixed from then on."""
    staff_only(Role.EDITOR)
    round = service.get_round(session(), slug)
    voters = service.list_voters(session(), round, utc_now())
    members = sum(line["tier"] is not None for line in voters)
    return render_template(
        "staff/round_open.html",
        round=round,
        members=members,
        guests=len(voters) - members,
        taken=service.list_taken(round),
        tiers=service.list_outcomes(session(), round)[1],
        weights=service.list_planned_weights(session(), round),
    )


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
        is_closed = service.end_round(current, service.get_round(current, slug), utc_now(), actor, reason=reason)
    counted = gettext("The vote is closed and counted.")
    ended = gettext(
        "No ballot is taken any more; it is counted within a minute, when all who voted have their receipts."
    )
    flash(counted if is_closed else ended, "good")
    return redirect(url_for(".show_round", slug=slug), code=303)


def _close_page(slug: str, errors: dict[str, str] | None = None) -> str:
    round = service.get_round(session(), slug)
    return render_template("staff/round_close.html", round=round, errors=errors or {})


@bp.get("/votes/rounds/<slug>/extend")
def consider_extending(slug: str) -> ResponseReturnValue:
    """Say what a later end means."""
    staff_only(Role.EDITOR)
    return _extend_page(slug)


@bp.post("/votes/rounds/<slug>/extend")
def extend_round(slug: str) -> ResponseReturnValue:
    """Let an open vote end later, for all to see."""
    actor = audit_name(staff_only(Role.EDITOR))
    try:
        closes_at, reason = read_moment(request.form, "closes_at", zone()), read_reason(request.form)
        with transaction() as current:
            round = service.get_round(current, slug)
            service.extend_round(current, round, closes_at, utc_now(), actor, reason=reason)
    except Invalid as refusal:
        return _extend_page(slug, errors_of(refusal)), 400
    flash(gettext("The vote closes later. Its page says so, and why."), "good")
    return redirect(url_for(".show_round", slug=slug), code=303)


def _extend_page(slug: str, errors: dict[str, str] | None = None) -> str:
    round = service.get_round(session(), slug)
    return render_template("staff/round_extend.html", round=round, form=request.form, errors=errors or {})


@bp.post("/votes/rounds/<slug>/publish")
def publish_round(slug: str) -> ResponseReturnValue:
    """Publish a result that was held back."""
    actor = audit_name(staff_only(Role.EDITOR))
    with transaction() as current:
        service.publish_round(current, service.get_round(current, slug), utc_now(), actor)
    flash(gettext("The result is published."), "good")
    return redirect(url_for(".show_round", slug=slug), code=303)


@bp.get("/votes/rounds/<slug>/guests")
def ask_guest(slug: str) -> ResponseReturnValue:
    """Ask whom to invite to a vote."""
    staff_only(Role.EDITOR)
    return _guest_page(slug)


@bp.post("/votes/rounds/<slug>/guests")
def invite_guest(slug: str) -> ResponseReturnValue:
    """Put a guest of the newsroom on the roll to be."""
    actor = audit_name(staff_only(Role.EDITOR))
    try:
        reason = read_reason(request.form)
        with transaction() as current:
            round = service.get_round(current, slug)
            patron = register(current, request.form.get("email", ""), locale=current_locale())
            service.invite_guest(current, round, patron, reason=reason, actor=actor)
    except (Invalid, Conflict) as refusal:
        return _guest_page(slug, errors_of(refusal)), status_of(refusal)
    flash(gettext("The guest will be on the roll when the vote opens."), "good")
    return redirect(url_for(".show_round", slug=slug), code=303)


@bp.post("/votes/rounds/<slug>/guests/<public_id>/remove")
def uninvite_guest(slug: str, public_id: str) -> ResponseReturnValue:
    """Take the invitation of a guest back."""
    actor = audit_name(staff_only(Role.EDITOR))
    with transaction() as current:
        patron = get_patron(current, public_id)
        service.uninvite_guest(current, service.get_round(current, slug), patron, actor=actor)
    flash(gettext("The guest is not invited any more."), "good")
    return redirect(url_for(".ask_guest", slug=slug), code=303)


def _guest_page(slug: str, errors: dict[str, str] | None = None) -> str:
    round = service.get_round(session(), slug)
    guests = service.list_guests(session(), round)
    return render_template("staff/round_guest.html", round=round, guests=guests, form=request.form, errors=errors or {})
