"""Faults on demand: how a request to the API goes wrong before or after it was carried out."""

import os
import signal
import threading
from dataclasses import dataclass, field
from enum import StrEnum

from membership.sandbox.luck import Luck

LONGEST_HANG = 20.0
REMEMBERED = 1000


class Fault(StrEnum):
    """`error_after`, `drop_after` and `kill_after` carry the request out first; the last two answer it, and well."""

    NONE = "none"
    REFUSE = "refuse"
    HANG = "hang"
    ERROR = "error"
    ERROR_AFTER = "error_after"
    DROP_AFTER = "drop_after"
    RATE_LIMIT = "rate_limit"
    LOCK_TIMEOUT = "lock_timeout"
    KILL_BEFORE = "kill_before"
    KILL_AFTER = "kill_after"
    UNKNOWN_FIELDS = "unknown_fields"
    WEBHOOK_FIRST = "webhook_first"


KILLS = frozenset({Fault.KILL_BEFORE, Fault.KILL_AFTER})
UNANSWERED_BEFORE = frozenset({Fault.REFUSE, Fault.HANG, Fault.KILL_BEFORE})
UNANSWERED_AFTER = frozenset({Fault.DROP_AFTER, Fault.KILL_AFTER})


@dataclass
class Faults:
    """What is in force: `modes` for `times` requests below `path` (None: for all), in turn or as luck has it.

    `pid` is the caller whom a kill ends; `struck` remembers what met what.
    """

    modes: list[Fault] = field(default_factory=lambda: [Fault.NONE])
    path: str = "/v1/"
    times: int | None = None
    pid: int | None = None
    luck: Luck | None = None
    released: threading.Event = field(default_factory=threading.Event)
    struck: list[tuple[str, str, Fault]] = field(default_factory=list)
    guard: threading.Lock = field(default_factory=threading.Lock)

    @property
    def mode(self) -> Fault:
        """Return the first fault in force."""
        return self.modes[0]

    def set(
        self, modes: list[Fault], path: str, times: int | None, pid: int | None = None, luck: Luck | None = None
    ) -> None:
        """Put faults in force and let go of whoever hangs."""
        with self.guard:
            self.released.set()
            self.modes, self.path, self.times, self.pid, self.luck = modes, path, times, pid, luck
            self.released, self.struck = threading.Event(), []

    def next(self, method: str, path: str) -> Fault:
        """Return what goes wrong with the request at hand, and count it."""
        with self.guard:
            if not path.startswith(self.path) or self.times == 0:
                return Fault.NONE
            fault = self._choose()
            if fault is not Fault.NONE:
                self.times = None if self.times is None else self.times - 1
                self.struck = [*self.struck[1 - REMEMBERED :], (method, path, fault)]
            return fault

    def hang(self) -> None:
        """Wait as a line does that leads nowhere, until the fault is changed or the longest time is over."""
        self.released.wait(LONGEST_HANG)

    def kill(self) -> None:
        """End the caller, as a machine that loses its power does."""
        if self.pid is not None:
            os.kill(self.pid, signal.SIGKILL)

    def _choose(self) -> Fault:
        if self.luck is None:
            return self.mode
        chance = self.luck.ask()
        return chance.choice(self.modes) if chance else Fault.NONE
