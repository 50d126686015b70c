"""Faults on demand: how a request to the API goes wrong before or after it was carried out."""

import threading
from dataclasses import dataclass, field
from enum import StrEnum

LONGEST_HANG = 20.0


class Fault(StrEnum):
    """`error_after` and `drop_after` carry the request out first; the other faults do not."""

    NONE = "none"
    REFUSE = "refuse"
    HANG = "hang"
    ERROR = "error"
    ERROR_AFTER = "error_after"
    DROP_AFTER = "drop_after"
    RATE_LIMIT = "rate_limit"


@dataclass
class Faults:
    """The fault in force; `times` requests below `path` meet it, or all of them when it is None."""

    mode: Fault = Fault.NONE
    path: str = "/v1/"
    times: int | None = None
    released: threading.Event = field(default_factory=threading.Event)

    def set(self, mode: Fault, path: str, times: int | None) -> None:
        """Put a fault in force and let go of whoever hangs."""
        self.released.set()
        self.mode, self.path, self.times, self.released = mode, path, times, threading.Event()

    def next(self, path: str) -> Fault:
        """Return what goes wrong with the request at hand, and count it."""
        if self.mode is Fault.NONE or not path.startswith(self.path) or self.times == 0:
            return Fault.NONE
        if self.times is not None:
            self.times -= 1
        return self.mode

    def hang(self) -> None:
        """Wait as a line does that leads nowhere, until the fault is changed or the longest time is over."""
        self.released.wait(LONGEST_HANG)
