"""A ballot taken back: asked for on a page of its own, so that nobody does it by a slip."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from membership.clock import utc_now
from membership.db import session, transaction
from membership.i18n import gettext
from membership.patrons.login import signed_in
from membership.voting import service
from membership.voting.door import linked_voter
from membership.voting.errors import RoundClosed

bp = Blueprint("ballot_withdrawal", __name__)


@bp.get("/vote/<slug>/withdraw")
def consider(slug: str) -> ResponseReturnValue:
    """Say what taking a ballot back does."""
    round = service.get_announced_round(session(), slug)
    patron, now = linked_voter(round) or signed_in(), utc_now()
    voter = service.get_voter(session(), round, patron, now) if round.is_taking(now) else None
    if voter is None or not voter.receipt:
        return redirect(url_for("voting.show", slug=slug), code=303)
    return render_template("voting/withdraw.html", round=round)


@bp.post("/vote/<slug>/withdraw")
def withdraw(slug: str) -> ResponseReturnValue:
    """Take a voter's ballot back."""
    try:
        with transaction() as current:
            round = service.get_announced_round(current, slug)
            service.withdraw_ballot(current, round, linked_voter(round) or signed_in(), utc_now())
    except RoundClosed:
        reason = gettext("This vote has closed. A ballot that was cast stands.")
        return render_template("voting/late.html", slug=slug, reason=reason), 409
    flash(
        gettext("Your ballot is taken back, and nothing of it is kept. You may vote again until the vote closes."),
        "good",
    )
    return redirect(url_for("voting.show", slug=slug), code=303)
