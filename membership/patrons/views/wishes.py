"""Stopping letters, from a link in each of them."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from membership.db import session, transaction
from membership.i18n import gettext
from membership.patrons.models import Letters
from membership.patrons.rules import masked
from membership.patrons.service import get_wish, stop_letters
from membership.web import csrf

bp = Blueprint("wishes", __name__)
# The token alone decides, and no cookie does, so that there is nothing to forge.
csrf.exempt(bp)


@bp.get("/letters/stop/<token>")
def ask(token: str) -> ResponseReturnValue:
    """Show which letters she gets, and change nothing: mail scanners open links, too."""
    wish = get_wish(session(), token)
    account = masked(wish.patron.email) if wish.patron.email else ""
    return render_template("patrons/wishes.html", wish=wish, account=account, kinds=list(Letters))


@bp.post("/letters/stop/<token>")
def stop(token: str) -> ResponseReturnValue:
    """Stop letters: those left unchecked, or all at once when her mail program asks (RFC 8058)."""
    if request.form.get("List-Unsubscribe") == "One-Click":
        with transaction() as current:
            stop_letters(current, token, Letters)
        return "", 204
    wanted = set(request.form.getlist("wanted"))
    with transaction() as current:
        stop_letters(current, token, set(Letters) - wanted)
    flash(gettext("We have kept your wish."), "good")
    return redirect(url_for(".ask", token=token), code=303)
