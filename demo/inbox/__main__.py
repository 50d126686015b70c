"""`python -m demo.inbox --port 8003 --smtp-port 8004 --data FOLDER`."""

import argparse
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from flask import Flask, Response, abort, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.serving import make_server

from demo.inbox.letters import Mailbox

CSP = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'"


class Catcher:
    """Keeps what arrives by SMTP."""

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.mailbox.keep(envelope.rcpt_tos, envelope.content)
        return "250 Kept"


def create_app(mailbox: Mailbox) -> Flask:
    """Make the pages that show a mailbox."""
    app = Flask("demo.inbox")

    @app.get("/")
    def index() -> ResponseReturnValue:
        return render_template("index.html", letters=mailbox.list_letters())

    @app.get("/letters/<int:number>")
    def letter(number: int) -> ResponseReturnValue:
        try:
            return render_template("letter.html", letter=mailbox.read(number))
        except FileNotFoundError:
            abort(404)

    @app.get("/messages.json")
    def messages() -> ResponseReturnValue:
        letters = mailbox.list_letters(request.args.get("to", ""))
        return jsonify([{"to": one.recipient, "subject": one.subject, "text": one.text} for one in letters])

    @app.after_request
    def protect(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = CSP
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    return app


def main() -> None:
    """Catch and show mail until the process is ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--data", type=Path, required=True)
    chosen = parser.parse_args()
    mailbox = Mailbox(chosen.data)
    catcher = Controller(Catcher(mailbox), hostname="127.0.0.1", port=chosen.smtp_port)
    catcher.start()
    try:
        make_server("localhost", chosen.port, create_app(mailbox), threaded=True).serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        catcher.stop()


if __name__ == "__main__":
    main()
