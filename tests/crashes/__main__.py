"""`python -m tests.crashes`: kill the service at every point of donate, subscribe, refund and cancel; look after."""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.crashes.acts import ACTS
from tests.crashes.crashes import Crashes
from tests.crashes.places import Place
from tests.proof.figures import Figures, Table, commit, leave

SAYS = """A process gives, subscribes, returns a gift or stops a membership, takes Stripe's events and does the worker's
work, and is killed with SIGKILL: before and after every commit, every call to Stripe (also by Stripe itself, before and
after it did what it was asked for), every piece of work and every letter. Another process then starts, sweeps, works
everything off and reconciles. In the end Stripe's charges and refunds, our rows, books, access and letters must be
those of a run that nobody disturbed; only a letter that was handed over and not yet written down as sent may arrive
twice, with one message id. The points are counted in a run that is not killed, not listed by hand."""


def main(arguments: list[str]) -> int:
    """Kill at all points that are asked for; 1 when a crash left anything else behind than none."""
    options = _parser().parse_args(arguments)
    began, killed, wrong = time.monotonic(), Counter[str](), 0
    for act, database, found in _crashes(options):
        killed[f"{act}, {database}"] += 1
        wrong += bool(found)
        if found:
            print(database, act, *found, sep="\n    ", flush=True)  # noqa: T201
        # After each, so that what was counted is known although the rest was never come to.
        if options.figures:
            leave(options.figures, _figures(options, killed, wrong, time.monotonic() - began))
    print(f"killed: {killed.total()}, differences: {wrong}")  # noqa: T201
    return 1 if wrong else 0


def _figures(options: argparse.Namespace, killed: Counter[str], wrong: int, took: float) -> Figures:
    table = Table("By act", ("Act and database", "Crash points"), tuple(killed.items()))
    command = "python -m tests.crashes" + (f" --share {options.share}" if options.share < 1 else "")
    counts = {"crash points": killed.total()}
    return Figures("crashes", "All crash points", SAYS, command, counts, wrong, took, (table,), commit())


def _crashes(options: argparse.Namespace) -> Iterator[tuple[str, str, list[str]]]:
    chance = random.Random(options.seed)
    for database in options.database or ["sqlite", "postgresql"]:
        with tempfile.TemporaryDirectory() as folder:
            place = Place(Path(folder), database)
            with place.prepared():
                for act in options.act or ACTS:
                    crashes = Crashes(place, act)
                    for point in crashes.chosen(chance, options.share):
                        found = crashes.differences(point)
                        yield act, database, found and [f"at {point}, {crashes.points[point][0]}", *found]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.crashes", description=__doc__)
    parser.add_argument("--figures", type=Path, help="a folder to leave the counts in")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    parser.add_argument("--act", choices=list(ACTS), action="append")
    parser.add_argument("--share", type=float, default=1.0, help="of the moments that leave different things behind")
    parser.add_argument("--seed", type=int, default=9)
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
