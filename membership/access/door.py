"""The access API's short way: it is asked about every reader, and answers before Flask would have begun.

It takes only what is plain: a key that asked within the last minute, about a reader whom its site knows. Everything
else, every refusal included, goes on to the route in `api.py`.
"""

import secrets
from collections.abc import Iterable
from time import monotonic
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask

from membership.access import service
from membership.access.answers import Answer, describe
from membership.access.forms import parse_subject
from membership.access.service import KnownKeys, NotAnswered, Quotas
from membership.clock import utc_now
from membership.config import Settings
from membership.errors import MembershipError
from membership.web import note_request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATH = "/api/v1/access/"
ROUTE = f"{PATH}<subject>"


def init_app(app: Flask, config: Settings) -> None:
    """Remember the keys that asked, and put the short way before the application."""
    app.extensions["known_keys"] = known = KnownKeys()
    app.extensions["quotas"] = quotas = Quotas()
    app.wsgi_app = ShortWay(app, config, known, quotas)  # type: ignore[method-assign]


class ShortWay:
    """Stands before the application and takes what it can."""

    def __init__(self, app: Flask, config: Settings, known: KnownKeys, quotas: Quotas) -> None:
        self._inner: WSGIApplication = app.wsgi_app
        self._host = urlsplit(config.public_url).netloc
        self._causes = service.prepare_causes(app.extensions["reader"])
        self._known = known
        self._quotas, self._most = quotas, config.api_quota_per_minute

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        began = monotonic()
        answer = self._answer(environ) if self._is_plain(environ) else None
        if answer is None:
            return self._inner(environ, start_response)
        request_id = secrets.token_hex(8)
        note_request(request_id, "GET", ROUTE, 200, began)
        about = {"Content-Type": "application/json", "Content-Length": str(len(answer.body))}
        start_response("200 OK", [*(about | answer.headers).items(), ("X-Request-Id", request_id)])
        return [answer.body]

    def _is_plain(self, environ: "WSGIEnvironment") -> bool:
        return (
            environ["PATH_INFO"].startswith(PATH)
            and environ["REQUEST_METHOD"] == "GET"
            and environ.get("HTTP_HOST") == self._host
            and "HTTP_IF_NONE_MATCH" not in environ
        )

    def _answer(self, environ: "WSGIEnvironment") -> Answer | None:
        scheme, _, key = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        now = utc_now()
        site = self._known.recall(key, now) if scheme == "Bearer" else None
        if site is None or service.needs_note(site, now) or self._quotas.take("asked", site.site_id, self._most, now):
            return None
        try:
            subject = parse_subject({"subject": environ["PATH_INFO"].removeprefix(PATH)})
            rows = self._causes.ask(site_id=site.site_id, subject=subject)
            decision = service.decide_from(rows, now)
        except (MembershipError, NotAnswered):
            # Said by Flask, which meets it again.
            return None
        return describe(subject, decision, now)
