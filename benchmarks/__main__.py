"""`python -m benchmarks`: each figure beside the limit that it is measured against; fails when one is missed."""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import access, databases, passes, votes, webhooks
from benchmarks.figures import Figure, against_limit, as_json, table
from benchmarks.load import CannotMeasure, Load, require_wrk
from benchmarks.newsroom import open_newsroom
from benchmarks.server import HOST, Server, environment, fetch, leave_first_core, serving, settings_of

MOST_MEMORY_MB = 120
PAGES = ("/", "/donate", "/sign-in", "/vote", "/.well-known/jwks.json", "/nowhere")


@dataclass(frozen=True)
class Plan:
    """How long to measure."""

    rounds: int
    seconds: float


LONG, QUICK = Plan(rounds=5, seconds=2), Plan(rounds=2, seconds=1)


def main() -> int:
    """Measure, print, and return 1 when a figure is missed, 2 when nothing could be measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a short run; its figures are rough")
    parser.add_argument("--json", action="store_true", dest="as_json", help="answer for programs")
    chosen = parser.parse_args()
    try:
        require_wrk()
        figures = list(_measure_all(QUICK if chosen.quick else LONG))
    except CannotMeasure as error:
        print(error, file=sys.stderr)
        return 2
    print(as_json(figures) if chosen.as_json else table(figures))
    return 0 if all(figure.is_met for figure in figures) else 1


def _measure_all(plan: Plan) -> Iterator[Figure]:
    leave_first_core()
    with tempfile.TemporaryDirectory(prefix="membership-bench-") as name:
        folder = Path(name)
        yield from passes.measure(folder, plan.rounds)
        yield from votes.measure_count(folder)
        for database, url in databases.addresses(folder):
            yield from _measure_server(database, url, folder, plan)


def _measure_server(database: str, url: str, folder: Path, plan: Plan) -> Iterator[Figure]:
    values = environment(url, folder)
    settings = settings_of(values | {"MEMBERSHIP_MODE": "test"})
    newsroom = open_newsroom(settings)
    voters = votes.prepare(settings)
    with serving(values, folder) as server:
        load = Load(server.port, plan.seconds, folder, HOST)
        yield access.measure_rate(load, newsroom, plan.rounds, on=database)
        yield webhooks.measure_rate(load, values["STRIPE_WEBHOOK_SECRETS"], plan.rounds, on=database)
        yield votes.measure_page(load, plan.rounds, on=database)
        yield _weigh(server, database)
        yield from votes.measure_rush(server, voters, settings, on=database)
    yield access.count_queries(settings, newsroom)


def _weigh(server: Server, database: str) -> Figure:
    for page in PAGES:
        fetch(server.port, page)
    name = f"memory of the web process after all this, {database}, beside the limit"
    return against_limit(name, server.resident_mb(), MOST_MEMORY_MB, "MB")


if __name__ == "__main__":
    sys.exit(main())
