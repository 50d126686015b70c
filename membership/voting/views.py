"""The vote as readers see it: rounds, the ballot, the receipt, results, and how to check them."""

from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from membership.clock import utc_now
from membership.db import plain_reading, session, transaction, writing
from membership.errors import Invalid
from membership.patrons.login import signed_in
from membership.patrons.rules import masked
from membership.voting import pictures, rules, service
from membership.voting.door import dead_link, linked_voter, opener_of, voter_of
from membership.voting.errors import MayNotVote, RoundClosed, RoundSealed
from membership.voting.forms import read_marks, read_numbers
from membership.voting.models import Round, admit
from membership.web import problem, say

bp = Blueprint("voting", __name__)
bp.add_app_template_filter(pictures.say_votes, "votes")

EXPORT_SECONDS = 300
PAGE = 200


@bp.get("/vote")
def browse() -> ResponseReturnValue:
    """Show the open votes, the closed ones, and what came of them."""
    now, rounds = utc_now(), service.list_announced_rounds(session())
    return render_template(
        "voting/rounds.html",
        taking=[round for round in rounds if round.is_taking(now)],
        past=[round for round in rounds if not round.is_taking(now)],
        reported=service.list_reported(session()),
    )


@bp.get("/vote/<slug>")
def show(slug: str) -> ResponseReturnValue:
    """Show the ballot; once the vote has closed, its results."""
    round = service.get_announced_round(session(), slug)
    if not round.is_taking(utc_now()):
        return redirect(url_for(".results", slug=slug), code=303)
    return _ballot_page(round)


@bp.post("/vote/<slug>")
def cast(slug: str) -> ResponseReturnValue:
    """Take a choice, or the change of one."""
    try:
        if not _cast_from_roll(slug) and not _cast_and_join(slug):
            return _turn_away(slug)
    except Invalid as refusal:
        return _ballot_page(service.get_announced_round(session(), slug), refusal), 400
    except RoundClosed as late:
        return render_template("voting/late.html", slug=slug, reason=say(late)), 409
    return redirect(url_for(".confirm", slug=slug), code=303)


def _turn_away(slug: str) -> ResponseReturnValue:
    # Nobody is known here. Whose link died with the vote, or with her line on the roll, is told that.
    round = service.get_announced_round(session(), slug)
    admit(round.state, round.closes_at, utc_now())
    path = url_for(".show", slug=slug)
    return redirect(path if dead_link(round) else url_for("sign_in.ask", next=path), code=303)


def _cast_from_roll(slug: str) -> bool:
    opener = opener_of(slug)
    if opener is None:
        return False
    with writing() as connection:
        booth = service.find_booth(connection, slug, opener, utc_now())
        if booth is not None:
            marks = read_marks(request.form, booth.terms)
            service.fill_in(connection, booth, marks, name=request.form.get("name", ""))
    return booth is not None


def _cast_and_join(slug: str) -> bool:
    # She is not on the roll: unless it is open and takes her, this tells why she has no vote.
    with transaction() as current:
        round = service.get_announced_round(current, slug)
        patron = voter_of(round)
        if patron is not None:
            marks, name = read_marks(request.form, round.terms), request.form.get("name", "")
            service.cast_ballot(current, round, patron, marks, utc_now(), name=name)
    return patron is not None


@bp.get("/vote/<slug>/receipt")
def confirm(slug: str) -> ResponseReturnValue:
    """Show a voter her receipt and what she chose, as long as the vote is open."""
    round = service.get_announced_round(session(), slug)
    patron, now = linked_voter(round) or signed_in(), utc_now()
    voter = service.get_voter(session(), round, patron, now) if round.is_taking(now) else None
    if voter is None or not voter.receipt:
        return redirect(url_for(".show", slug=slug), code=303)
    return render_template("voting/receipt.html", round=round, voter=voter, topics=_topics(round))


@bp.get("/vote/<slug>/results")
def results(slug: str) -> ResponseReturnValue:
    """Show the results of a closed vote; before that only when they will come."""
    with plain_reading() as current:
        round = service.find_published_round(current, slug)
        outcomes, tiers = service.list_outcomes(current, round) if round else ({}, {})
    if round is None:
        return _sealed_page(service.get_announced_round(session(), slug))
    told = service.unseal(round)
    return render_template(
        "voting/results.html",
        round=round,
        result=rules.read_result(told),
        roll=told["roll"],
        topics=_topics(round),
        outcomes=outcomes,
        percent=rules.percent,
        told=told,
        tiers=tiers,
    )


@bp.get("/vote/<slug>/steps")
def steps(slug: str) -> ResponseReturnValue:
    """Show how ranked ballots went from topic to topic, step by step; `by` chooses weights or persons."""
    round = service.get_announced_round(session(), slug)
    service.unseal(round)
    counted, by_persons = (rules.read_transfers((round.transfers or {}).get(name)) for name in rules.TRANSFERS)
    counted = by_persons if _is_by_persons() else counted
    if counted is None:
        return redirect(url_for(".results", slug=slug), code=303)
    return render_template(
        "voting/steps.html",
        round=round,
        counted=counted,
        drawing=pictures.draw_steps(counted),
        topics=_topics(round),
        is_by_persons=_is_by_persons(),
        has_persons=by_persons is not None,
    )


@bp.get("/vote/<slug>/ballots")
def ballots(slug: str) -> ResponseReturnValue:
    """Show the published ballots of a closed vote, some at a time."""
    round = service.get_announced_round(session(), slug)
    after = request.args.get("after")
    found = service.list_published(session(), round, after=rules.read_receipt(after) if after else "", most=PAGE + 1)
    following = found[PAGE - 1].receipt if len(found) > PAGE else None
    return render_template(
        "voting/ballots.html", round=round, page=found[:PAGE], following=following, topics=_topics(round)
    )


@bp.get("/vote/<slug>/check")
def look_up(slug: str) -> ResponseReturnValue:
    """Ask for a receipt code."""
    return render_template("voting/check.html", round=service.get_announced_round(session(), slug))


@bp.post("/vote/<slug>/check")
def check(slug: str) -> ResponseReturnValue:
    """Tell whether the ballot with this receipt was counted, and how."""
    round = service.get_announced_round(session(), slug)
    typed = request.form.get("receipt", "")
    try:
        receipt = rules.read_receipt(typed)
    except Invalid as refusal:
        return render_template("voting/check.html", round=round, typed=typed, error=say(refusal)), 400
    ballot = service.find_ballot(session(), round, receipt)
    return render_template(
        "voting/check.html", round=round, typed=typed, receipt=receipt, ballot=ballot, topics=_topics(round)
    )


@bp.get("/vote/<slug>/result.json")
def export(slug: str) -> ResponseReturnValue:
    """Publish all that is needed to count a closed vote again."""
    try:
        record = service.get_record(session(), service.get_announced_round(session(), slug))
    except RoundSealed as refusal:
        return problem(409, type(refusal).__name__, say(refusal))
    is_known = request.if_none_match.contains(record.sha256)
    response = Response(b"" if is_known else record.body, content_type="application/json")
    response.cache_control.public, response.cache_control.max_age = True, EXPORT_SECONDS
    response.set_etag(record.sha256)
    return response.make_conditional(request)


def _sealed_page(round: Round) -> str:
    standing = rules.read_result(round.standing) if round.is_live and round.standing else None
    is_taking = round.is_taking(utc_now())
    return render_template(
        "voting/sealed.html", round=round, is_taking=is_taking, standing=standing, topics=_topics(round)
    )


def _is_by_persons() -> bool:
    return request.args.get("by") == "persons"


def _ballot_page(round: Round, refusal: Invalid | None = None) -> str:
    standing = _standing(round)
    voter = standing["voter"]
    marked = voter.marks if voter else []
    # What was typed stays, right or wrong.
    given = request.form.getlist("marks") if refusal else marked
    numbers = read_numbers(request.form) if refusal else _numbers(marked)
    return render_template(
        "voting/ballot.html",
        round=round,
        marked=given,
        numbers=numbers,
        name=request.form.get("name", "") if refusal else voter.name if voter else "",
        error=say(refusal) if refusal else "",
        is_name_wrong=bool(refusal and refusal.field == "name"),
        tiers=service.list_outcomes(session(), round)[1],
        guests=service.count_guests(session(), round),
        **standing,
    )


def _numbers(marks: rules.Marks) -> dict[str, int]:
    return marks if isinstance(marks, dict) else {slug: place for place, slug in enumerate(marks, 1)}


def _standing(round: Round) -> dict[str, Any]:
    patron, linked = voter_of(round), linked_voter(round)
    if patron is None:
        over = dead_link(round)
        told = say(over) if over else ""
        return {"voter": None, "refusal": told, "linked": ""}
    linked_to = masked(str(linked.email)) if linked else ""
    try:
        voter = service.get_voter(session(), round, patron, utc_now())
        return {"voter": voter, "refusal": "", "linked": linked_to}
    except MayNotVote as refusal:
        return {"voter": None, "refusal": say(refusal), "linked": linked_to}


def _topics(round: Round) -> dict[str, Any]:
    # As they were worded on the ballot, whatever became of their words since.
    if round.result:
        return {topic["slug"]: topic for topic in round.result["topics"]}
    return {entry.topic.slug: entry.topic for entry in round.topics}
