"""What page views of the demonstration's publication ask of Membership: counted, over many readers."""

import secrets
import socket
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from membership_pass import Membership
from sqlalchemy.orm import Session
from werkzeug.serving import WSGIRequestHandler, make_server

from benchmarks.figures import Figure, against_limit
from demo.publication.app import Paper
from demo.publication.app import create_app as create_paper
from demo.publication.door import Door
from membership.access import service as access
from membership.access.models import Comp
from membership.access.service import PASS_LIFE, SiteDraft
from membership.app import create_app
from membership.clock import utc_now
from membership.config import Mode, Settings
from membership.operations import migrations
from membership.patrons.login import KEPT_AS
from membership.patrons.models import Patron
from membership.patrons.service import sign_ins
from membership.tiers.models import Tier

READERS, VIEWS_EACH = 100, 100
PAPER = "http://localhost"
PAGES = (
    "/",
    "/articles/the-river-that-was-sold",
    "/articles/the-quiet-contract",
    "/articles/who-pays-for-the-night-bus",
)


class Silent(WSGIRequestHandler):
    """Serves without a word."""

    def log(self, *_: Any) -> None:
        pass


def measure(folder: Path) -> Iterator[Figure]:
    """Let a hundred readers come in by hand-over and look at ten thousand pages; count what Membership is asked."""
    url = f"http://localhost:{_free_port()}"
    app = create_app(_settings(folder, url))
    migrations.upgrade(app.extensions["engine"].execution_options(writes=True))
    key, patrons = _fill(app)
    with _counting(app, url) as asked:
        door = Door(Membership(url, "open-daily", key), PAPER)
        paper = create_paper(Paper(PAPER, url, secrets.token_urlsafe(36)), door)
        readers = [_come_in(app, paper, patron) for patron in patrons]
        began, handed_over = time.monotonic(), asked.total()
        for number in range(VIEWS_EACH):
            for reader in readers:
                reader.view(PAGES[number % len(PAGES)])
        lives = int((time.monotonic() - began) / PASS_LIFE.total_seconds()) + 1
        views = asked.total() - handed_over
    app.extensions["engine"].dispose()
    name = f"requests to Membership over {READERS * VIEWS_EACH:,} page views of {READERS} readers"
    yield against_limit(f"{name}, beside one per reader and pass life", views, READERS * lives, "")
    yield against_limit(f"{name}, per page view in hundredths", 100 * views / (READERS * VIEWS_EACH), 1, "")


class Visitor:
    """A reader's browser: it keeps the paper's cookie, and what the script keeps for as long as a pass is good."""

    def __init__(self, client: FlaskClient) -> None:
        self._client = client
        self._kept: dict[str, float] = {}

    def view(self, page: str) -> None:
        """Look at a page, and do what its script does."""
        self._client.get(page).close()
        self._learn("/pass")
        if page == "/":
            self._learn("/rounds.json")

    def _learn(self, path: str) -> None:
        if self._kept.get(path, 0) <= time.monotonic():
            said = self._client.get(path).get_json()
            self._kept[path] = time.monotonic() + said.get("expires_in", PASS_LIFE.total_seconds())


def _come_in(app: Flask, paper: Flask, patron: Patron) -> Visitor:
    own, client = app.test_client(), paper.test_client()
    with app.app_context(), Session(app.extensions["engine"].execution_options(writes=True)) as session:
        token = sign_ins.begin(session, session.get_one(Patron, patron.id))
        session.commit()
    with own.session_transaction(base_url=app.extensions["settings"].public_url) as kept:
        kept[KEPT_AS] = token
    start = urlsplit(client.get("/sign-in").location)
    back = urlsplit(own.get(f"{start.path}?{start.query}", base_url=app.extensions["settings"].public_url).location)
    client.get(f"{back.path}?{back.query}")
    return Visitor(client)


def _fill(app: Flask) -> tuple[str, list[Patron]]:
    now, day = utc_now(), timedelta(days=1)
    with Session(app.extensions["engine"].execution_options(writes=True), expire_on_commit=False) as session:
        draft = SiteDraft("open-daily", "The Open Daily", PAPER, (PAPER,), (f"{PAPER}/welcome",))
        _, key = access.add_site(session, draft, now)
        flags = ["paywall_free", "no_appeals"]
        words: dict[str, Any] = {"name": {"en": "Friend"}, "summary": {"en": "x"}, "benefits": {"en": []}}
        tier = Tier(slug="friend", flags=flags, **words)
        patrons = [Patron(public_id=f"p{n}", email=f"p{n}@example.org", created_at=now) for n in range(READERS)]
        session.add_all([tier, *patrons])
        session.flush()
        members = patrons[::2]
        granted = {"tier_id": tier.id, "starts_at": now, "ends_at": now + day, "reason": "a benchmark"}
        session.add_all([Comp(patron_id=patron.id, **granted) for patron in members])
        session.commit()
    return key, patrons


@contextmanager
def _counting(app: Flask, url: str) -> Iterator[Counter[str]]:
    asked: Counter[str] = Counter()
    inner = app.wsgi_app

    def counted(environ: Any, start_response: Any) -> Any:
        asked[environ["PATH_INFO"]] += 1
        return inner(environ, start_response)

    port = urlsplit(url).port or 0
    server = make_server("localhost", port, counted, threaded=True, request_handler=Silent)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield asked
    server.shutdown()
    thread.join(5)


def _settings(folder: Path, url: str) -> Settings:
    given: dict[str, Any] = {
        "membership_mode": Mode.TEST,
        "database_url": f"sqlite:///{folder}/visits.db",
        "secret_key": secrets.token_urlsafe(36),
        "public_url": url,
        "publication_name": "The Open Daily",
        "publication_url": PAPER,
        "stripe_api_key": "sk_test_benchmark",
        "stripe_webhook_secrets": ["whsec_benchmark"],
        "smtp_url": "smtp://127.0.0.1:1",
        "mail_from": "members@example.org",
        "pass_keys_dir": folder / "visit-keys",
    }
    return Settings(**given)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
