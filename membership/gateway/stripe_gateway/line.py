"""The line to Stripe: bounded in time, and in how much of this process may wait on it."""

from threading import BoundedSemaphore
from typing import Any

import stripe

# A hanging line costs at most the second number twice and a short pause: less than the ten seconds a reader may wait.
TIMEOUT = (3, 4)
# Of the four threads that a web process has by default two always answer those who ask nothing of Stripe.
MOST_AT_ONCE = 2
PATIENCE = 1.0


class Line(stripe.RequestsClient):
    """Asks no more than a few things at once; who finds no place in a second is told to come again."""

    def __init__(self) -> None:
        super().__init__(timeout=TIMEOUT)
        self._places = BoundedSemaphore(MOST_AT_ONCE)

    def request(self, *args: Any, **kwargs: Any) -> Any:
        """Ask when there is a place. Raises APIConnectionError, not to be retried, when there is none."""
        if not self._places.acquire(timeout=PATIENCE):
            raise stripe.APIConnectionError("no place on the line", should_retry=False)  # type: ignore[no-untyped-call]
        try:
            return super().request(*args, **kwargs)
        finally:
            self._places.release()
