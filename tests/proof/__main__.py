"""`python -m tests.proof --histories 5000 --seed 1 [--database URL]`: thousands of histories, until one goes wrong."""

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import pytest
import structlog

from tests.proof.figures import Figures, Table, commit, leave
from tests.proof.newsroom import Newsroom, making_newsroom
from tests.proof.searching import search

AT_ONCE = 20
SAYS = """Readers join in two currencies, with and without a coupon, give, buy and redeem gifts, change, pause, go on,
stop; banks ask them first, refuse, dispute and decide, take debits back days later, warn of fraud; staff give back,
enter transfers and raise prices; messages are lost, doubled and shuffled; requests fail; the process ends before or
after a request or a commit; the database starts anew, on a server with all its connections ended in the middle of the
work; days and months pass. After each step every invariant is asked, and while nothing waits all payments, how
everybody stands, until when, with which flags, and all books are compared with the model, exactly. At the end
everything is delivered, repaired and compared once more. Not played: a debit that comes back so late that asking again
for it meets the next renewal, a bank that asks about a renewal, settlement in another currency."""


def main(arguments: list[str]) -> int:
    """Search, tell how far it came, and keep what was counted."""
    parser = argparse.ArgumentParser(prog="python -m tests.proof", description=__doc__)
    parser.add_argument("--histories", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1, help="the first of the seeds, one for each twenty histories")
    parser.add_argument("--database", help="an empty database; a file that is thrown away unless named")
    parser.add_argument("--figures", type=Path, metavar="FOLDER", help="where to keep what was counted")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        url = options.database or f"sqlite:///{folder}/proof.db"
        with making_newsroom(url) as room, pytest.MonkeyPatch.context() as patch:
            room.provider.follow(patch.setattr)
            structlog.configure(processors=[], logger_factory=structlog.ReturnLoggerFactory())
            return _search(room, options)


def _search(room: Newsroom, options: argparse.Namespace) -> int:
    counts: Counter[str] = Counter()
    began = time.monotonic()
    for seed in range(options.seed, options.seed + -(-options.histories // AT_ONCE)):
        try:
            counts += search(room, histories=AT_ONCE, seed=seed)
        except AssertionError as wrong:
            print(f"seed {seed}: {wrong}")  # noqa: T201
            return 1
        print(f"{counts['histories']} histories, {_steps(counts)} steps, seed {seed}", flush=True)  # noqa: T201
        # After each, so that what was counted is known although the rest was never come to.
        if options.figures:
            asked = (seed - options.seed + 1) * AT_ONCE
            command = f"make proof HISTORIES={asked} SEED={options.seed}"
            leave(options.figures, _figures(counts, command, time.monotonic() - began))
    return 0


def _steps(counts: Counter[str]) -> int:
    return sum(count for name, count in counts.items() if name.startswith("step "))


def _figures(counts: Counter[str], command: str, seconds: float) -> Figures:
    killed = _table(counts, "killed ", "Where the process ended", ("Point", "Times"))
    sums = {
        "histories": counts["histories"],
        "steps": _steps(counts),
        "ends of a process": sum(count for _, count in killed.rows),
    }
    return Figures(
        name="histories",
        title="Histories",
        says=" ".join(SAYS.split()),
        command=command,
        counts=sums,
        differences=0,
        seconds=seconds,
        tables=(_table(counts, "step ", "Steps", ("Step", "Times")), killed),
        commit=commit(),
    )


def _table(counts: Counter[str], prefix: str, title: str, head: tuple[str, str]) -> Table:
    named = {name.removeprefix(prefix): count for name, count in counts.items() if name.startswith(prefix)}
    return Table(title, head, tuple(sorted(named.items(), key=lambda one: -one[1])))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
