"""A walk over 20,000 subscriptions, beside the pace that Stripe allows, and what it holds in memory."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from benchmarks.figures import Figure, against_limit
from benchmarks.load import CannotMeasure
from benchmarks.newsroom import open_newsroom
from benchmarks.server import environment, settings_of
from membership.clock import utc_now
from membership.db import make_engine
from membership.gateway.pacing import LIMIT_PER_SECOND
from membership.reconcile import service

SUBSCRIPTIONS, LATE = 20_000, 100
WANTED, MOST_MEMORY_MB = 0.8, 50


def measure(database: str, url: str, folder: Path) -> Iterator[Figure]:
    """Walk once over a newsroom that is as it should be; its late invoices are looked up one by one."""
    now = utc_now().replace(microsecond=0)
    values = environment(url, folder) | {"MEMBERSHIP_MODE": "test", "STRIPE_API_KEY": "rk_test_benchmark"}
    open_newsroom(settings_of(values), patrons=SUBSCRIPTIONS, now=now)
    _prepare(url, now)
    with _standing_in(now) as address:
        walked = _walk(values | {"STRIPE_API_BASE": address})
        with urllib.request.urlopen(f"{address}/_told") as answer:
            told = json.load(answer)
    if walked["found"] or walked["seen"] < SUBSCRIPTIONS:
        raise CannotMeasure(f"The walk saw {walked['seen']} objects and found {walked['found']} differences.")
    rate = told["requests"] / told["seconds"]
    name = f"reconcile of {SUBSCRIPTIONS:,} subscriptions, {database}, beside Stripe's limit"
    yield Figure(name, rate, LIMIT_PER_SECOND, "/s", WANTED, rate / LIMIT_PER_SECOND)
    yield against_limit(f"its busiest second, {database}, beside that limit", told["busiest"], LIMIT_PER_SECOND, "")
    yield against_limit(f"memory that it takes, {database}, beside the limit", walked["grown"], MOST_MEMORY_MB, "MB")


def _prepare(url: str, now: datetime) -> None:
    """Leave some late, and say that the last walk ended just now."""
    engine = make_engine(url).execution_options(writes=True)
    with Session(engine) as session:
        late = "status = 'open' AND subscription_id > :most"
        session.execute(
            text(f"UPDATE invoices SET status = 'paid', paid_at = created_at WHERE {late}"), {"most": 10 * LATE}
        )
        service.reach(session, now)
        session.commit()
    engine.dispose()


@contextmanager
def _standing_in(now: datetime) -> Iterator[str]:
    command = [sys.executable, "-m", "benchmarks.stand_in", str(SUBSCRIPTIONS), str(int(now.timestamp()))]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin
    assert process.stdout
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.stdin.close()
        process.wait(20)
        process.stdout.close()


def _walk(values: dict[str, str]) -> dict[str, Any]:
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.walking"]
    ended = subprocess.run(command, env=os.environ | values, capture_output=True, text=True, check=False, timeout=600)
    if ended.returncode:
        raise CannotMeasure(ended.stderr[-2000:])
    walked: dict[str, Any] = json.loads(ended.stdout)
    return walked
