"""The short way of what sites ask about every reader: a decision, or a pass, before Flask would have begun.

It takes only what is plain: a key that asked within the last second, about a reader whom its site knows. Everything
else, every refusal included, goes on to the routes in `api.py`.
"""

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from time import monotonic
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask
from sqlalchemy import event

from membership.access import service
from membership.access.answers import describe, write_pass
from membership.access.forms import parse_subject
from membership.access.service import AskingSite, Given, GivenAnswers, Issuer, KnownKeys, NotAnswered, Quotas
from membership.clock import utc_now
from membership.config import Misconfigured, Settings
from membership.errors import MembershipError
from membership.web import note_request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATH = "/api/v1/access/"
ROUTE = f"{PATH}<subject>"
PASSES = "/access/pass"
LONGEST_BODY = 200
PLAIN_BODIES = {
    "application/x-www-form-urlencoded": re.compile(rb"subject=([\w-]+)"),
    "application/json": re.compile(rb'\s*{\s*"subject"\s*:\s*"([\w-]+)"\s*}\s*'),
}


def init_app(app: Flask, config: Settings) -> None:
    """Remember the keys that asked and the answers that were given, and put the short way before the application."""
    app.extensions["known_keys"] = known = KnownKeys()
    given = GivenAnswers(service.version_of(app.extensions["reader"]))
    event.listen(app.extensions["engine"], "commit", given.look_soon)
    app.extensions["quotas"] = quotas = Quotas()
    app.wsgi_app = ShortWay(app, config, Kept(known, given, quotas))  # type: ignore[method-assign]


@dataclass(frozen=True, slots=True)
class Kept:
    """What a process remembers of those who ask: their keys, what they were told, how much they asked."""

    known: KnownKeys
    given: GivenAnswers
    quotas: Quotas


class ShortWay:
    """Stands before the application and takes what it can."""

    def __init__(self, app: Flask, config: Settings, kept: Kept) -> None:
        self._inner: WSGIApplication = app.wsgi_app
        self._host = urlsplit(config.public_url).netloc
        self._causes = service.prepare_causes(app.extensions["reader"])
        self._known, self._given, self._quotas = kept.known, kept.given, kept.quotas
        self._most = config.api_quota_per_minute
        self._issuer = Issuer.of(config)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        began, now = monotonic(), utc_now()
        told = self._tell(environ, now) if environ.get("HTTP_HOST") == self._host else None
        if told is None:
            return self._inner(environ, start_response)
        request_id = secrets.token_hex(8)
        note_request(request_id, environ["REQUEST_METHOD"], told.route, int(told.status[:3]), began)
        start_response(told.status, [*told.headers, ("X-Request-Id", request_id)])
        return [told.body] if told.body else []

    def _tell(self, environ: "WSGIEnvironment", now: datetime) -> "Told | None":
        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        try:
            if method == "GET" and path.startswith(PATH):
                return self._answer(environ, path.removeprefix(PATH), now)
            if method == "POST" and path == PASSES and "HTTP_IDEMPOTENCY_KEY" not in environ:
                return self._sign(environ, now)
        except (MembershipError, NotAnswered, Misconfigured):
            # Said by Flask, which meets it again.
            return None
        return None

    def _answer(self, environ: "WSGIEnvironment", text: str, now: datetime) -> "Told | None":
        site = self._asking_site(environ, now)
        if site is None:
            return None
        given = self._give(site, text, now)
        answer = given.answer = given.answer or describe(text, given.decision)
        if answer.is_known(environ.get("HTTP_IF_NONE_MATCH", "")):
            return Told(ROUTE, "304 NOT MODIFIED", answer.headers(now), b"")
        return Told(ROUTE, "200 OK", [*_about(answer.body), *answer.headers(now)], answer.body)

    def _give(self, site: AskingSite, text: str, now: datetime) -> Given:
        name = site.site_id, text
        given = self._given.recall(name, now)
        if given is None:
            page, subject = self._given.page(), parse_subject({"subject": text})
            decision = service.decide_from(self._causes.ask(site_id=site.site_id, subject=subject), now)
            page[name] = given = Given(decision.outline(), now)
        return given

    def _sign(self, environ: "WSGIEnvironment", now: datetime) -> "Told | None":
        subject = _read_subject(environ)
        site = self._asking_site(environ, now) if subject else None
        if site is None or subject is None:
            return None
        decision = self._give(site, subject, now).decision
        body = write_pass(self._issuer.sign(decision, site.audience, subject, now))
        return Told(PASSES, "200 OK", _about(body), body)

    def _asking_site(self, environ: "WSGIEnvironment", now: datetime) -> AskingSite | None:
        scheme, _, key = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        site = self._known.recall(key, now) if scheme == "Bearer" else None
        if site is None or service.needs_note(site, now) or self._quotas.take("asked", site.site_id, self._most, now):
            return None
        return site


@dataclass(frozen=True, slots=True)
class Told:
    """What goes out, and by which route it would have."""

    route: str
    status: str
    headers: list[tuple[str, str]]
    body: bytes


def _read_subject(environ: "WSGIEnvironment") -> str | None:
    """Read the one field of a short body, and put the body back for whoever comes next."""
    plain = PLAIN_BODIES.get(environ.get("CONTENT_TYPE", ""))
    length = environ.get("CONTENT_LENGTH", "")
    if plain is None or not length.isdigit() or int(length) > LONGEST_BODY:
        return None
    body = environ["wsgi.input"].read(int(length))
    environ["wsgi.input"] = BytesIO(body)
    found = plain.fullmatch(body)
    return found[1].decode() if found else None


def _about(body: bytes) -> list[tuple[str, str]]:
    return [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
