"""Membership and a publication's pages, on loopback, as a browser meets them."""

import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread

import pytest
from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import make_server

from membership.access import service as access
from membership.access.service import SiteDraft
from membership.clock import utc_now
from tests.conftest import make_settings

# Nothing inline, no style of another's, no string becomes markup: what the strictest publication allows.
STRICT = (
    "default-src 'none'; img-src data:; script-src {origin}; connect-src 'self' {origin}; style-src 'self'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)


@dataclass
class Publication:
    """Pages that are the same for everybody; `body` is what stands in them."""

    origin: str
    membership: str
    body: str = ""
    attributes: str = ""
    language: str = "en"
    pages: dict[str, tuple[int, str]] = field(default_factory=dict)

    def __call__(self, environ, start_response):
        path = environ["PATH_INFO"]
        status, said = self.pages.get(path, (200, self.page()))
        kind = "application/json" if path in self.pages else "text/html; charset=utf-8"
        policy = ("Content-Security-Policy", STRICT.format(origin=self.membership))
        start_response(f"{status} OK", [("Content-Type", kind), policy, ("Cache-Control", "public, max-age=600")])
        return [said.encode()]

    def page(self) -> str:
        script = f'<script src="{self.membership}/embed.js" defer {self.attributes}></script>'
        head = f'<meta charset="utf-8"><title>An article</title><link rel="icon" href="data:,">{script}'
        main = f"<main><h1>An article</h1><p>Words.</p>{self.body}</main>"
        return f'<!doctype html><html lang="{self.language}"><head>{head}</head><body>{main}</body></html>'


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(app, host: str, port: int) -> Iterator[None]:
    server = make_server(host, port, app, threaded=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield
    server.shutdown()
    thread.join(5)
    server.server_close()


@pytest.fixture
def database_url(sqlite_template, tmp_path) -> str:
    """Give one database: what a browser does is the same on both."""
    shutil.copy(sqlite_template, tmp_path / "test.db")
    return f"sqlite:///{tmp_path}/test.db"


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def settings(database_url, tmp_path, port):
    address = f"http://localhost:{port}"
    return make_settings(database_url=database_url, pass_keys_dir=tmp_path / "keys", public_url=address)


@pytest.fixture
def asked(app) -> list[tuple[str, dict[str, str]]]:
    """Keep what Membership is asked: paths, and what was sent along."""
    seen: list[tuple[str, dict[str, str]]] = []
    inner = app.wsgi_app

    def watched(environ, start_response):
        seen.append((environ["PATH_INFO"], {k[5:].lower(): v for k, v in environ.items() if k.startswith("HTTP_")}))
        return inner(environ, start_response)

    app.wsgi_app = watched
    return seen


@pytest.fixture
def publication(app, asked, port, session) -> Iterator[Publication]:
    """Serve Membership, and a publication on the same parent domain that is registered."""
    other = free_port()
    origin = f"http://localhost:{other}"
    access.add_site(session, SiteDraft("daily", "Daily", origin, (origin,), ()), utc_now())
    session.commit()
    pages = Publication(origin, f"http://localhost:{port}")
    with serving(app, "localhost", port), serving(pages, "localhost", other):
        yield pages


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(chromium):
    """Open a window that reports whatever a script or the policy complains of."""
    context = chromium.new_context(locale="en-GB")
    page = context.new_page()
    page.complaints = []
    page.on("console", lambda message: page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    yield page
    context.close()
