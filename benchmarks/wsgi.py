"""What gunicorn serves while we measure: Membership, and beside it in the same process the bare routes."""

from flask import Flask, request
from flask.typing import ResponseReturnValue
from sqlalchemy import insert
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from benchmarks.newsroom import BARE_ROWS, FLAGS
from membership.app import create_app

membership = create_app()
bare = Flask("bare")
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


@bare.post("/insert")
def keep() -> ResponseReturnValue:
    """Insert one row and commit."""
    with writing.begin() as connection:
        connection.execute(insert(BARE_ROWS), {"body": request.get_data(as_text=True)})
    return "", 204


app = DispatcherMiddleware(membership, {"/bare": bare})
