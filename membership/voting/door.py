"""From a letter to one ballot: inert until she presses, kept in her browser for that round alone."""

from flask import Blueprint, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue

from membership import db
from membership.clock import utc_now
from membership.patrons.login import KEPT_AS as SIGNED_IN
from membership.patrons.login import current_patron
from membership.patrons.models import Patron
from membership.patrons.rules import masked
from membership.voting import service
from membership.voting.errors import LinkOver, LinkStruckOff
from membership.voting.models import Round
from membership.web import say

bp = Blueprint("ballot_door", __name__)
KEPT_AS = "ballots"
MOST_KEPT = 5


def voter_of(round: Round) -> Patron | None:
    """Return who votes in this browser: whom its link names, for this round alone, else who is signed in."""
    return linked_voter(round) or current_patron()


def linked_voter(round: Round) -> Patron | None:
    """Return whose ballot a link opened in this browser, if it still opens anything."""
    token = session.get(KEPT_AS, {}).get(round.slug)
    return service.find_linked(db.session(), round, token, utc_now()) if token else None


def dead_link(round: Round) -> LinkOver | None:
    """Return why a link that opened a ballot of this round in this browser opens it no more; None where none did."""
    token = session.get(KEPT_AS, {}).get(round.slug)
    is_dead = bool(token) and linked_voter(round) is None
    return service.why_over(db.session(), round, token, utc_now()) if is_dead else None


def opener_of(slug: str) -> service.Opener | None:
    """Return what opens a ballot of this round in this browser, unasked whether it still does; none if nothing does."""
    link, sign_in = session.get(KEPT_AS, {}).get(slug, ""), session.get(SIGNED_IN, "")
    return service.Opener(link, sign_in) if link or sign_in else None


@bp.get("/vote/<slug>/open/<token>")
def ask(slug: str, token: str) -> ResponseReturnValue:
    """Say whose ballot the link opens, and do nothing: mail scanners open links, too."""
    round = service.get_announced_round(db.session(), slug)
    patron = service.get_linked(db.session(), round, token, utc_now())
    return render_template("voting/open.html", round=round, token=token, account=masked(str(patron.email)))


@bp.post("/vote/<slug>/open/<token>")
def enter(slug: str, token: str) -> ResponseReturnValue:
    """Open the ballot in this browser."""
    round = service.get_announced_round(db.session(), slug)
    service.get_linked(db.session(), round, token, utc_now())
    others = [pair for pair in session.get(KEPT_AS, {}).items() if pair[0] != slug]
    session[KEPT_AS] = dict([*others[-MOST_KEPT + 1 :], (slug, token)])
    return redirect(url_for("voting.show", slug=slug), code=303)


@bp.post("/vote/<slug>/leave")
def leave(slug: str) -> ResponseReturnValue:
    """Close the ballot in this browser; what was cast stands."""
    session[KEPT_AS] = {name: token for name, token in session.get(KEPT_AS, {}).items() if name != slug}
    return redirect(url_for("voting.show", slug=slug), code=303)


@bp.errorhandler(LinkOver)
def say_over(error: LinkOver) -> ResponseReturnValue:
    """Tell the way on when a link opens nothing any more."""
    told = say(error) if isinstance(error, LinkStruckOff) else ""
    return render_template("voting/over.html", told=told), 410
