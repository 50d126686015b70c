"""The page on which a bank asks its customer whether it is she: for intents that the API confirmed."""

from urllib.parse import urlencode, urlsplit

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from membership.sandbox.billing import paying
from membership.sandbox.errors import Missing
from membership.sandbox.hosted import begin, end, page, world
from membership.sandbox.store import Object

bp = Blueprint("confirming", __name__, url_prefix="/c/confirm")
bp.before_request(begin)
bp.teardown_request(end)


@bp.get("/<id>")
def show(id: str) -> ResponseReturnValue:
    """Ask whether it is she."""
    intent = _intent(id)
    if intent["status"] != "requires_action":
        return page("closed.html", None, 200, what="confirmed")
    return page("confirm.html", _subject(intent), 200, action=url_for("confirming.answer", id=id))


@bp.post("/<id>")
def answer(id: str) -> ResponseReturnValue:
    """Take her answer and lead her back."""
    intent = _intent(id)
    if intent["status"] != "requires_action":
        return page("closed.html", None, 409, what="confirmed")
    back = intent["next_action"]["redirect_to_url"]["return_url"]
    decline = paying.authenticate(world(), intent, has_passed=request.form.get("outcome") == "complete")
    world().changes += 1
    if not back:
        return page("closed.html", None, 200, what="refused" if decline else "confirmed")
    words = {intent["object"]: id, "redirect_status": "failed" if decline else "succeeded"}
    return redirect(f"{back}{'&' if urlsplit(back).query else '?'}{urlencode(words)}", 303)


@bp.errorhandler(Missing)
def missing(error: Missing) -> ResponseReturnValue:
    """Say that there is no such payment."""
    return page("closed.html", None, 404, what="unknown")


def _intent(id: str) -> Object:
    return world().store.get("setup_intent" if id.startswith("seti_") else "payment_intent", id)


def _subject(intent: Object) -> Object:
    back = intent["next_action"]["redirect_to_url"]["return_url"]
    return {"amount_total": intent.get("amount", 0), "currency": intent.get("currency", "eur"), "return_url": back}
