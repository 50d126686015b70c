"""The sandbox over HTTP: the API under /v1, the hosted pages under /c/pay, the control under /_sandbox."""

import socket

from flask import Flask, Response, redirect, request
from flask.typing import ResponseReturnValue

from membership.sandbox import confirming, control, pages, portal, requests
from membership.sandbox.hosted import world
from membership.sandbox.world import World


def create_app(world: World) -> Flask:
    """Put the sandbox's three faces in front of a world."""
    app = Flask(__name__, static_url_path="/_sandbox/static")
    app.extensions["world"] = world
    app.register_blueprint(pages.bp)
    app.register_blueprint(confirming.bp)
    app.register_blueprint(portal.bp)
    app.register_blueprint(control.bp)
    app.add_url_rule("/v1/<path:rest>", "api", api, methods=["GET", "POST", "DELETE"])
    app.add_url_rule("/", "home", lambda: redirect("/_sandbox/"))
    return app


def api(rest: str) -> ResponseReturnValue:
    """Answer a call to the API."""
    pairs = request.form if request.method == "POST" else request.args
    asked = requests.Request(
        method=request.method,
        path=request.path,
        base=request.host_url.rstrip("/"),
        headers={name.lower(): value for name, value in request.headers.items()},
        pairs=list(pairs.items(multi=True)),
    )
    answer = requests.respond(world(), asked)
    if answer.is_dropped:
        _cut()
    return Response(answer.body, answer.status, answer.headers, content_type="application/json")


def _cut() -> None:
    """End the connection without a word."""
    connection: socket.socket = request.environ["werkzeug.socket"]
    connection.shutdown(socket.SHUT_RDWR)
