"""`python -m tests.orders`: live every order of six messages on both databases, and long lives in random order."""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import permutations
from pathlib import Path

from membership import create_app, db
from membership.db import Base
from membership.db import session as reading
from membership.gateway.memory import MemoryGateway
from membership.reconcile import walk
from membership.webhooks.service import explain
from tests.conftest import WEBHOOK_SECRET, make_settings
from tests.databases import postgres_url
from tests.orders.lives import ALL, State, lived
from tests.orders.long_lives import InOrder, live
from tests.payments.story import Story
from tests.proof.figures import Figures, Table, commit, leave

DIFFERENCES = "differences"
ORDERS = list(permutations(sorted(ALL)))
SAYS = """Six messages of a membership (joined, settled, late, paid, refunded, ended) in all 720 orders, each of them as
early as the world allows: all of them once; with each of the six lost, and reconciled after; with each of the six
doubled, its second time at a random later place. Longer lives of some twenty messages come in random order, a fifth of
them doubled and a tenth lost. Mirror, books and access must be the same each time, and letters where none is lost."""


def main(arguments: list[str]) -> int:
    """Live all that was asked for; 1 when two orders of one life differ."""
    parser = argparse.ArgumentParser(prog="python -m tests.orders", description=__doc__)
    parser.add_argument("--figures", type=Path, help="a folder to leave the counts in")
    parser.add_argument("--long", type=int, default=200, help="how many longer lives, on each database")
    parser.add_argument("--seed", type=int, default=720)
    options = parser.parse_args(arguments)
    began, counts, parts = time.monotonic(), Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        urls = {"SQLite": f"sqlite:///{folder}/orders.db", "PostgreSQL": postgres_url("orders")}
        for live_all in (_plain, _lost, _long(options.long), _doubled):
            for name, url in urls.items():
                with newsroom(url) as story:
                    found = live_all(story, random.Random(options.seed))
                counts += found
                parts += Counter({f"{what}, {name}": many for what, many in found.items() if what != DIFFERENCES})
                # After each, so that what was counted is known although the rest was never come to.
                if options.figures:
                    leave(options.figures, _figures(options, counts, parts, time.monotonic() - began))
    print(dict(counts))  # noqa: T201
    return 1 if counts[DIFFERENCES] else 0


def _figures(options: argparse.Namespace, counts: Counter[str], parts: Counter[str], took: float) -> Figures:
    command = f"python -m tests.orders --long {options.long} --seed {options.seed}"
    lives = {what: many for what, many in counts.items() if what != DIFFERENCES}
    table = Table("By database", ("Lives and database", "Times"), tuple(parts.items()))
    return Figures("orders", "All orders", SAYS, command, lives, counts[DIFFERENCES], took, (table,), commit())


@contextmanager
def newsroom(url: str) -> Iterator[Story]:
    """Open an empty newsroom with a provider of its own."""
    gateway = MemoryGateway([WEBHOOK_SECRET])
    app = create_app(make_settings(database_url=url), gateway)
    engine = app.extensions["engine"].execution_options(writes=True)
    Base.metadata.drop_all(engine)
    Base.metadata.create_all(engine)
    with app.app_context():
        yield Story(gateway)
        offended = {name: rows for name, find in app.extensions["invariants"].items() if (rows := find(db.session()))}
        assert offended == {}
    engine.dispose()


def _plain(story: Story, _: random.Random) -> Counter[str]:
    expected = lived(story, sorted(ALL)).state()
    return _count("orders", [lived(story, order).state() for order in ORDERS], expected)


def _lost(story: Story, _: random.Random) -> Counter[str]:
    # Of each order without one of its messages six are the same.
    lives = [lived(story, order[:-1]) for order in ORDERS]
    lives.append(lived(story, sorted(ALL)))
    story.gateway.settle()
    assert walk.reconcile(explain).left == 0
    states = [State(life.state().money, []) for life in lives]
    return _count("orders with one lost", states[:-1], states[-1])


def _doubled(story: Story, chance: random.Random) -> Counter[str]:
    expected, found = lived(story, sorted(ALL)).state(), []
    for order in ORDERS:
        for number in order:
            place = chance.randint(order.index(number) + 1, len(order))
            found.append(lived(story, [*order[:place], number, *order[place:]]).state())
    return _count("orders with one doubled", found, expected)


def _long(many: int):
    def live_long(story: Story, chance: random.Random) -> Counter[str]:
        expected = live(story, InOrder())
        return _count("longer lives", [live(story, chance, lost=0.1) for _ in range(many)], expected)

    return live_long


def _count(what: str, found: list[object], expected: object) -> Counter[str]:
    reading().rollback()
    return Counter({what: len(found), DIFFERENCES: sum(state != expected for state in found)})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
