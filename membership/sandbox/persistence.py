"""Keeps a sandbox's state in a file, so that the next start goes on where this one ended."""

import json
import os
import time
from dataclasses import asdict
from pathlib import Path

from membership.sandbox.agenda import Agenda
from membership.sandbox.clock import Clock
from membership.sandbox.store import Store
from membership.sandbox.terms import Terms
from membership.sandbox.webhooks import Mode
from membership.sandbox.world import Answer, World, compact

AT_MOST_EVERY = 1.0
SHARE_OF_TIME = 10


def load(file: Path, clock_file: Path | None) -> World:
    """Make the world that a file describes; the clock's own file, if there is one, knows the time better."""
    state = json.loads(file.read_text())
    store = Store(state["seed"])
    store.given, store.tables, store.untold = state["given"], state["tables"], state["untold"]
    world = World(
        store,
        Clock(clock_file, state["offset"]),
        agenda=Agenda([(due, number, work, id) for due, number, work, id in state["agenda"]]),
        mode=Mode(state["mode"]),
        answers={key: Answer(**answer) for key, answer in state["answers"].items()},
        terms=Terms.from_kept(state.get("terms", {})),
    )
    world.webhooks.restore(state["pending"])
    return world


def save(world: World, file: Path) -> None:
    """Write the whole state; whoever reads the file sees the old or the new one."""
    with world.lock:
        state = compact(
            {
                "agenda": world.agenda.entries,
                "answers": {key: asdict(answer) for key, answer in world.answers.items()},
                "given": world.store.given,
                "mode": world.webhooks.mode,
                "offset": world.clock.offset,
                "pending": world.webhooks.pending(),
                "seed": world.store.seed,
                "terms": asdict(world.terms),
                "tables": world.store.tables,
                "untold": world.store.untold,
            }
        )
    draft = file.with_name(f"{file.name}.new")
    draft.write_text(state)
    os.replace(draft, file)


class Keeper:
    """Saves after changes, at most once a second, and rarer when saving takes long."""

    def __init__(self, world: World, file: Path) -> None:
        self.world, self.file = world, file
        self.saved, self.not_before = world.changes, 0.0

    def look(self) -> None:
        """Save if something changed and the last time is long enough ago."""
        if self.world.changes != self.saved and time.monotonic() >= self.not_before:
            self.save()

    def save(self) -> None:
        """Save now."""
        begun = time.monotonic()
        self.saved = self.world.changes
        save(self.world, self.file)
        self.not_before = begun + max(AT_MOST_EVERY, SHARE_OF_TIME * (time.monotonic() - begun))
