"""What gunicorn serves while we measure: Membership, and beside it in the same process the bare routes."""

from typing import Any

from flask import Flask, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import insert
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from benchmarks.newsroom import BARE_ROWS, FLAGS
from membership.app import create_app
from membership.db import session
from membership.voting import rules
from membership.voting import service as voting

membership = create_app()
bare = Flask("bare")
held: dict[str, Any] = {}
writing = membership.extensions["engine"].execution_options(writes=True)


@bare.get("/access/<subject>")
def answer(subject: str) -> ResponseReturnValue:
    """Answer as much as the access API does, and know nothing."""
    return {
        "subject": subject,
        "state": "active",
        "sources": ["subscription"],
        "tier": "friend",
        "flags": FLAGS,
        "ask": "none",
        "valid_until": "2026-12-09T04:00:00.000000+00:00",
        "fresh_until": "2026-11-24T04:01:00.000000+00:00",
    }


@bare.post("/pass")
def sign() -> ResponseReturnValue:
    """Answer as much as a pass is, about whom the form names, and sign nothing."""
    return {"expires_in": 600, "pass": "x" * 420, "subject": request.form["subject"]}


@bare.post("/insert")
def keep() -> ResponseReturnValue:
    """Insert one row and commit."""
    with writing.begin() as connection:
        connection.execute(insert(BARE_ROWS), {"body": request.get_data(as_text=True)})
    return "", 204


@membership.get("/bare-results", endpoint="voting.bare")
def show() -> ResponseReturnValue:
    """Make the page of results from values in memory."""
    if not held:
        round = voting.get_announced_round(session(), "big")
        outcomes, tiers = voting.list_outcomes(session(), round)
        held.update(
            round=round,
            result=rules.read_result(round.result or {}),
            told=round.result,
            roll=(round.result or {})["roll"],
            topics={topic["slug"]: topic for topic in (round.result or {})["topics"]},
            outcomes=outcomes,
            percent=rules.percent,
            tiers=tiers,
        )
    return render_template("voting/results.html", **held)


app = DispatcherMiddleware(membership, {"/bare": bare})
