"""Not too fast: Stripe takes 25 requests a second at each address, and readers pay there meanwhile."""

from threading import Lock
from time import monotonic, sleep

# https://docs.stripe.com/rate-limits; what is left is for checkouts.
LIMIT_PER_SECOND = 25
REQUESTS_PER_SECOND = 22.5


class Pace:
    """Lets whoever asks through one at a time, so many a second."""

    def __init__(self, per_second: float) -> None:
        self._gap = 1 / per_second
        self._lock = Lock()
        self._next = 0.0

    def wait(self) -> None:
        """Return when it is this caller's turn."""
        with self._lock:
            turn = max(self._next, monotonic())
            self._next = turn + self._gap
        sleep(max(0.0, turn - monotonic()))
