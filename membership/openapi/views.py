"""The description for programs, and a page of it for people."""

from typing import Any

from flask import Blueprint, Response, current_app, jsonify, render_template
from flask.typing import ResponseReturnValue

from membership.openapi.document import write_document
from membership.web import settings

bp = Blueprint("openapi", __name__)
VERSION = "1"
SECONDS = 300


@bp.get("/api/openapi.json")
def document() -> ResponseReturnValue:
    """Give the document to whoever wants it, from any page."""
    response: Response = jsonify(_document())
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.cache_control.public, response.cache_control.max_age = True, SECONDS
    return response


@bp.get("/developers")
def read() -> ResponseReturnValue:
    """Show the document as a page."""
    return render_template("openapi/page.html", document=_document())


def _document() -> dict[str, Any]:
    written: dict[str, Any] | None = current_app.extensions.get("openapi")
    if written is None:
        routes, views = current_app.url_map, current_app.view_functions
        written = write_document(routes, views, server=settings().public_url.rstrip("/"), version=VERSION)
        current_app.extensions["openapi"] = written
    return written
