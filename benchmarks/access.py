"""The access API beside a bare route with an answer of the same size, and the queries that an answer costs."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from threading import Event, Thread
from unittest.mock import patch

from sqlalchemy import event, insert

from benchmarks.figures import Figure, against_limit, compare
from benchmarks.load import Load
from benchmarks.newsroom import BARE_ROWS, Newsroom
from benchmarks.passes import seconds_to_sign
from benchmarks.server import HOST
from membership.access import service
from membership.access.answers import describe
from membership.access.service.prepared import Idle
from membership.app import create_app
from membership.clock import utc_now
from membership.config import Settings
from membership.db import make_engine

WANTED_AGAIN, WANTED_NEW, WANTED_KNOWN, WANTED_MINT = 0.7, 0.4, 0.8, 0.6
LONGEST_WAIT = 5
MOST_QUERIES = 2
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def measure(load: Load, newsroom: Newsroom, settings: Settings, rounds: int, *, on: str) -> Iterator[Figure]:
    """Ask about every reader in turn: again and again, while all is in motion, with what is known, for a pass."""
    key = newsroom.bearer
    bare = [load.request(f"GET /bare/access/{name}", key) for name in newsroom.subjects]
    ours = [load.request(f"GET /api/v1/access/{name}", key) for name in newsroom.subjects]
    known = [
        load.request(f"GET /api/v1/access/{name}", key | {"If-None-Match": etag})
        for name, etag in _marks(settings, newsroom).items()
    ]

    def beside(what: str, requests: list[bytes], wanted: float) -> Figure:
        name = f"{what}, {on}, beside a bare route"
        return compare(
            name, lambda: load.rate(requests), lambda: load.rate(bare), unit="/s", wanted=wanted, rounds=rounds
        )

    load.rate(ours)
    again = beside("access API, readers asked about again", ours, WANTED_AGAIN)
    yield again
    median, late = load.waits(ours, again.ours / 2)
    name = f"access API, {on}, 99th percentile at half of that rate, beside five medians"
    yield Figure(name, late * 1000, median * LONGEST_WAIT * 1000, "µs", 1, late / median / LONGEST_WAIT, at_most=True)
    yield beside("access API, 304", known, WANTED_KNOWN)
    with _in_motion(settings):
        yield beside("access API, each answer made anew", ours, WANTED_NEW)
    yield from _mint(load, newsroom, settings, rounds, on=on)


def _mint(load: Load, newsroom: Newsroom, settings: Settings, rounds: int, *, on: str) -> Iterator[Figure]:
    signing = seconds_to_sign()
    ours, bare = (
        [load.request(f"POST {path}", newsroom.bearer | FORM, f"subject={name}".encode()) for name in newsroom.subjects]
        for path in ("/access/pass", "/bare/pass")
    )

    def beside(what: str, wanted: float) -> Figure:
        name = f"{what}, {on}, beside a bare route and the bare signature"
        raw = partial(_signed_bare, load, bare, signing)
        return compare(name, lambda: load.rate(ours), raw, unit="/s", wanted=wanted, rounds=rounds)

    load.rate(ours)
    yield beside("a pass for a site's server", WANTED_MINT)
    with _in_motion(settings):
        yield beside("a pass, each decision made anew", WANTED_NEW)


def _signed_bare(load: Load, requests: list[bytes], signing: float) -> float:
    return 1 / (1 / load.rate(requests) + signing)


def _marks(settings: Settings, newsroom: Newsroom) -> dict[str, str]:
    app = create_app(settings)
    causes, now = service.prepare_causes(app.extensions["reader"]), utc_now()
    marks = {
        name: describe(name, service.decide_from(causes.ask(site_id=newsroom.site_id, subject=name), now)).etag
        for name in newsroom.subjects
    }
    app.extensions["engine"].dispose()
    return marks


@contextmanager
def _in_motion(settings: Settings) -> Iterator[None]:
    """Commit something ten times a second, so that no answer is given twice."""
    ended, engine = Event(), make_engine(settings.database_url.get_secret_value())

    def write() -> None:
        while not ended.wait(0.1):
            with engine.execution_options(writes=True).begin() as connection:
                connection.execute(insert(BARE_ROWS), {"body": str(time.monotonic())})

    writer = Thread(target=write)
    writer.start()
    try:
        yield
    finally:
        ended.set()
        writer.join()
        engine.dispose()


def count_queries(settings: Settings, newsroom: Newsroom) -> Figure:
    """Count the statements of the dearest answer, the first one of a new process included."""
    app = create_app(settings)
    statements: list[str] = []
    event.listen(app.extensions["engine"], "before_cursor_execute", lambda *told: statements.append(told[2]))
    client = app.test_client()
    costs = []
    for subject in newsroom.subjects[:100]:
        statements.clear()
        headers = {"Authorization": f"Bearer {newsroom.key}", "Host": HOST}
        # What is asked by a prepared query is not told to the engine.
        with patch.object(Idle, "fetch", autospec=True, side_effect=Idle.fetch) as asked:
            assert client.get(f"/api/v1/access/{subject}", headers=headers).status_code == 200
        costs.append(sum(not statement.startswith("BEGIN") for statement in statements) + asked.call_count)
    app.extensions["engine"].dispose()
    return against_limit("queries of the dearest answer, beside the limit", max(costs), MOST_QUERIES, "")
