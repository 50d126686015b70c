"""Votes at scale: the count beside an independent library, the closing rush, a page of results."""

import json
import os
import random
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

from flask_wtf.csrf import generate_csrf
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from benchmarks.counting import SEATS, TOPICS
from benchmarks.figures import Figure, against_limit, compare
from benchmarks.load import CannotMeasure, Load
from benchmarks.server import HOST, Server
from membership.app import create_app
from membership.clock import utc_now
from membership.config import Settings
from membership.patrons.login import KEPT_AS
from membership.patrons.models import Patron
from membership.patrons.service import sign_ins
from membership.topics.models import Topic, TopicState
from membership.voting import rules
from membership.voting.models import Ballot, Method, RollEntry, Round, RoundState, RoundTopic

BALLOTS = 100_000
VOTERS, AT_ONCE = 5_000, 50
BIG, RUSH = "big", "rush"
FASTER, MOST_MEMORY_MB, RUSH_WANTED, PAGE_WANTED = 20, 200, 0.4, 0.5
ORACLE = Path(".venv-oracle/bin/python")


def measure_count(folder: Path) -> Iterator[Figure]:
    """Count 100,000 ballots over 20 topics for 3 seats, both in processes of their own."""
    if not ORACLE.exists():
        raise CannotMeasure("The library to compare with is missing: make .venv-oracle/.installed")
    path = folder / "ballots.json"
    draw = random.Random(5)
    path.write_text(json.dumps([draw.sample(range(TOPICS), draw.randint(3, TOPICS)) for _ in range(BALLOTS)]))
    told = {who: _count(python, who, path) for who, python in (("ours", sys.executable), ("oracle", str(ORACLE)))}
    if told["ours"]["chosen"] != told["oracle"]["chosen"]:
        raise CannotMeasure(f"The library chose {told['oracle']['chosen']}, we chose {told['ours']['chosen']}.")
    ours, beside = (1 / told[who]["seconds"] for who in ("ours", "oracle"))
    name = f"STV, 100,000 ballots, {TOPICS} topics, {SEATS} seats, beside pref_voting"
    yield Figure(name, ours * BALLOTS, beside * BALLOTS, "ballots/s", FASTER, ours / beside)
    yield against_limit("memory of that count, beside the limit", told["ours"]["memory_mb"], MOST_MEMORY_MB, "MB")


def _count(python: str, who: str, path: Path) -> dict[str, Any]:
    ended = subprocess.run(
        [python, "-W", "ignore", "benchmarks/counting.py", who, str(path)],
        env=os.environ | {"PYTHONPATH": "."},
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode:
        raise CannotMeasure(ended.stderr[-2000:])
    counted: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return counted


def prepare(settings: Settings) -> list[tuple[str, str]]:
    """Hold a vote of 100,000 ballots, open another, and sign its voters in; return their cookies and form tokens."""
    app = create_app(settings)
    engine = app.extensions["engine"].execution_options(writes=True)
    with app.app_context(), Session(engine) as session:
        _hold_big(session)
        rush = _open_round(session, RUSH, Method.APPROVAL, 3)
        patrons = session.scalars(select(Patron).order_by(Patron.id).limit(VOTERS)).all()
        roll = [{"round_id": rush.id, "patron_id": one.id, "weight": 1, "reason": "a rush"} for one in patrons]
        session.execute(insert(RollEntry), roll)
        tokens = [sign_ins.begin(session, patron) for patron in patrons]
        session.commit()
    keys = [_browser(app, token) for token in tokens]
    engine.dispose()
    return keys


def _browser(app: Any, token: str) -> tuple[str, str]:
    from_form = app.session_interface.get_signing_serializer(app)
    with app.test_request_context("/", base_url=f"https://{HOST}") as context:
        context.session[KEPT_AS] = token
        form_token = generate_csrf()
        return f"{app.config['SESSION_COOKIE_NAME']}={from_form.dumps(dict(context.session))}", form_token


def _open_round(session: Session, slug: str, method: Method, topics: int) -> Round:
    now = utc_now()
    planned = [
        Topic(
            slug=f"{slug}-{n}",
            title={"en": f"Topic {n}"},
            why={"en": "Why"},
            state=TopicState.ON_BALLOT,
            created_at=now,
        )
        for n in range(topics)
    ]
    round = Round(
        slug=slug,
        title={"en": slug},
        intro={"en": ""},
        method=method,
        state=RoundState.OPEN,
        seats=SEATS if topics > SEATS else 1,
        tie_seed="5eed",
        opens_at=now - timedelta(days=1),
        opened_at=now - timedelta(days=1),
        closes_at=now + timedelta(days=1),
        topics=[RoundTopic(position=position, topic=topic) for position, topic in enumerate(planned)],
    )
    session.add(round)
    session.flush()
    return round


def _hold_big(session: Session) -> None:
    round, draw = _open_round(session, BIG, Method.RANKED, TOPICS), random.Random(5)
    slugs = round.slugs
    ballots = [
        {
            "receipt": rules.write_receipt(n.to_bytes(10)),
            "weight": 1 + n % 3,
            "marks": draw.sample(slugs, draw.randint(3, 9)),
        }
        for n in range(BALLOTS)
    ]
    session.execute(insert(Ballot), [{**ballot, "round_id": round.id} for ballot in ballots])
    facts = {
        "method": "ranked",
        "quorum_percent": 0,
        "seats": round.seats,
        "tie_seed": round.tie_seed,
        "topics": [{"slug": entry.topic.slug, "title": entry.topic.title} for entry in round.topics],
        "roll": {"members": BALLOTS},
        "weights": {"friend": 1},
        "turnout": [],
        "struck_off": 0,
        "listed": True,
    }
    round.result, round.transfers = rules.part(rules.record(facts, ballots))
    round.state = RoundState.PUBLISHED
    round.closed_at = round.published_at = utc_now()


def measure_page(load: Load, rounds: int, *, on: str) -> Figure:
    """Ask for the results of 100,000 ballots, and for the same page made of values in memory."""
    ours, bare = (
        [load.request(f"GET {path}", {"Accept-Language": "en"})] for path in (f"/vote/{BIG}/results", "/bare-results")
    )
    load.rate(ours)
    load.rate(bare)
    name = f"results of 100,000 ballots, {on}, beside a bare template"
    return compare(name, lambda: load.rate(ours), lambda: load.rate(bare), unit="/s", wanted=PAGE_WANTED, rounds=rounds)


def measure_rush(server: Server, keys: Sequence[tuple[str, str]], settings: Settings, *, on: str) -> Iterator[Figure]:
    """Let 50 voters at a time cast, 100 each, and beside it as many bare inserts; then see who was lost or doubled."""
    size = AT_ONCE * 20
    parts = iter([keys[start : start + size] for start in range(0, len(keys), size)])
    bare = [_request("/bare/insert", secrets.token_hex(100), "") for _ in range(size)]
    cast = [lambda: _all_at_once(server, [_ballot(*key) for key in next(parts)], 303)]
    name = f"casting by 50 at once, {on}, beside a bare insert and commit"
    yield compare(
        name, cast[0], lambda: _all_at_once(server, bare, 204), unit="/s", wanted=RUSH_WANTED, rounds=VOTERS // size
    )
    lost = abs(VOTERS - _count_ballots(settings))
    yield Figure(f"ballots lost or doubled of {VOTERS:,}, {on}", lost, VOTERS, "", 0, float(lost), at_most=True)


def _ballot(cookie: str, form_token: str) -> tuple[str, str, dict[str, str]]:
    return _request(f"/vote/{RUSH}", f"csrf_token={form_token}&marks={RUSH}-1", cookie)


def _request(path: str, body: str, cookie: str) -> tuple[str, str, dict[str, str]]:
    headers = {"Host": HOST, "Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}
    return path, body, headers


def _all_at_once(server: Server, requests: Sequence[tuple[str, str, dict[str, str]]], wanted: int) -> float:
    ready, wrong = Barrier(AT_ONCE + 1), list[int]()
    threads = [
        Thread(target=_send, args=(server, requests[number::AT_ONCE], wanted, ready, wrong))
        for number in range(AT_ONCE)
    ]
    for thread in threads:
        thread.start()
    ready.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    if wrong:
        raise CannotMeasure(f"The server answered {sorted(set(wrong))}.")
    return len(requests) / (time.perf_counter() - began)


def _send(
    server: Server, requests: Sequence[tuple[str, str, dict[str, str]]], wanted: int, ready: Barrier, wrong: list[int]
) -> None:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.connect()
    ready.wait()
    for path, body, headers in requests:
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != wanted:
            wrong.append(answer.status)
    connection.close()


def _count_ballots(settings: Settings) -> int:
    app = create_app(settings)
    with Session(app.extensions["engine"]) as session:
        one_each = select(func.count(Ballot.roll_entry_id.distinct())).join(Round).where(Round.slug == RUSH)
        counted = session.scalar(one_each) or 0
    app.extensions["engine"].dispose()
    return counted
