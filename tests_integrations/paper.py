"""A small publication behind a web server, and readers with their cookies."""

import re
from itertools import count

from flask import Flask, request

from membership.patrons.login import KEPT_AS
from membership.patrons.service import sign_ins
from tests_integrations.programs import Answer


class Paper:
    """A publication that writes each page anew and says for which kind of reader."""

    def __init__(self) -> None:
        self.app = Flask("paper")
        self.written = count(1)
        self.app.add_url_rule("/<path:path>", view_func=self.write)

    def write(self, path: str):
        told = {name: value for name, value in request.headers.items() if name.startswith("X-Membership-")}
        page = f"copy {next(self.written)} of {path} for {told.get('X-Membership-Flags', '')!r} {told}"
        assert "Cookie" not in request.headers
        return page, {"Cache-Control": "public, max-age=600"}


def cookie_of(app, session, patron) -> dict[str, str]:
    token = sign_ins.begin(session, patron)
    session.commit()
    sealed = app.session_interface.get_signing_serializer(app).dumps({KEPT_AS: token})
    return {"Cookie": f"membership={sealed}"}


def copy_of(answer: Answer) -> str:
    assert answer.status == 200, answer
    return re.match(r"copy \d+", answer.text)[0]
