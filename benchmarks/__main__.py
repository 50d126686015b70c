"""`python -m benchmarks [NAME …]`: each figure beside what it is measured against; fails when one is missed."""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks import access, databases, embed, journal, passes, reconciling, visits, votes, webhooks, worker
from benchmarks.figures import ABOVE, Figure, against_limit, as_json, as_line
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
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"only these: {', '.join(MEASURES)}")
    parser.add_argument("--quick", action="store_true", help="a short run; its figures are rough")
    parser.add_argument("--json", action="store_true", dest="as_json", help="answer for programs")
    chosen = parser.parse_args()
    if unknown := set(chosen.names) - MEASURES.keys():
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    try:
        measured = _measure(chosen.names or list(MEASURES), QUICK if chosen.quick else LONG)
        figures = list(measured if chosen.as_json else _shown(measured))
    except CannotMeasure as error:
        print(error, file=sys.stderr)
        return 2
    if chosen.as_json:
        print(as_json(figures))
    return 0 if all(figure.is_met for figure in figures) else 1


def _shown(figures: Iterable[Figure]) -> Iterator[Figure]:
    """Print each figure when it is there: all of them take long."""
    print(as_line(ABOVE))
    for figure in figures:
        print(as_line(figure.row()), flush=True)
        yield figure


def _measure(names: list[str], plan: Plan) -> Iterator[Figure]:
    if "doors" in names:
        require_wrk()
    leave_first_core()
    for name in names:
        with tempfile.TemporaryDirectory(prefix="membership-bench-") as folder:
            yield from MEASURES[name](Path(folder), plan)


def _measure_doors(folder: Path, plan: Plan) -> Iterator[Figure]:
    for (database, url), patrons in zip(databases.addresses(folder), (10_000, 100_000), strict=True):
        yield from _measure_server(f"{database}, {patrons:,} patrons", url, patrons, folder, plan)


def _measure_worker(folder: Path, _: Plan) -> Iterator[Figure]:
    for database, url in databases.addresses(folder):
        settings = settings_of(environment(url, folder) | {"MEMBERSHIP_MODE": "test"})
        open_newsroom(settings)
        yield from worker.measure(database, settings)


def _measure_reconcile(folder: Path, _: Plan) -> Iterator[Figure]:
    for database, url in databases.addresses(folder):
        yield from reconciling.measure(database, url, folder)


def _measure_journal(folder: Path, plan: Plan) -> Iterator[Figure]:
    for name in ("few", "many"):
        (folder / name).mkdir()
    pairs = zip(databases.addresses(folder / "few", "few"), databases.addresses(folder / "many", "many"), strict=True)
    for (database, few), (_, many) in pairs:
        yield from journal.measure(database, few, many, plan.rounds)


def _measure_server(database: str, url: str, patrons: int, folder: Path, plan: Plan) -> Iterator[Figure]:
    values = environment(url, folder)
    settings = settings_of(values | {"MEMBERSHIP_MODE": "test"})
    newsroom = open_newsroom(settings, patrons=patrons)
    voters = votes.prepare(settings)
    with serving(values, folder) as server:
        load = Load(server.port, plan.seconds, folder, HOST)
        yield from access.measure(load, newsroom, settings, plan.rounds, on=database)
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


MEASURES: Mapping[str, Callable[[Path, Plan], Iterable[Figure]]] = {
    "passes": lambda folder, plan: passes.measure(folder, plan.rounds),
    "count": lambda folder, _: votes.measure_count(folder),
    "doors": _measure_doors,
    "embed": lambda folder, _: embed.measure(folder),
    "visits": lambda folder, _: visits.measure(folder),
    "worker": _measure_worker,
    "reconcile": _measure_reconcile,
    "journal": _measure_journal,
}


if __name__ == "__main__":
    sys.exit(main())
