"""The line to Stripe: bounded in time, and in how much of this process may wait on it."""

from collections.abc import Mapping
from random import uniform
from threading import BoundedSemaphore
from time import sleep
from typing import Any

import stripe

from membership.gateway.pacing import REQUESTS_PER_SECOND, Pace

# A hanging line costs at most the second number twice and a short pause: less than the ten seconds a reader may wait.
TIMEOUT = (3, 4)
# Nobody waits for a page of a list, and a hundred objects with what hangs on them take Stripe a while.
PATIENT_TIMEOUT = (3, 15)
# Of the four threads that a web process has by default two always answer those who ask nothing of Stripe.
MOST_AT_ONCE = 2
PATIENCE = 1.0
# Seconds before what was refused as too fast is asked again, if Stripe does not name them; and how many are too many.
PAUSES = (1, 2, 4, 8)
LONGEST_WAIT = 20
TOO_FAST = 429


class Line(stripe.RequestsClient):
    """Asks no more than a few things at once; who finds no place in a second is told to come again."""

    def __init__(self, timeout: tuple[float, float] = TIMEOUT) -> None:
        super().__init__(timeout=timeout)
        self._places = BoundedSemaphore(MOST_AT_ONCE)

    def request(self, *args: Any, **kwargs: Any) -> Any:
        """Ask when there is a place. Raises APIConnectionError, not to be retried, when there is none."""
        if not self._places.acquire(timeout=PATIENCE):
            raise stripe.APIConnectionError("no place on the line", should_retry=False)  # type: ignore[no-untyped-call]
        try:
            return super().request(*args, **kwargs)
        finally:
            self._places.release()


class PatientLine(Line):
    """Asks at a pace that leaves room for readers; what Stripe finds too fast is asked again when Stripe says."""

    def __init__(self) -> None:
        super().__init__(PATIENT_TIMEOUT)
        self._pace = Pace(REQUESTS_PER_SECOND)

    def request(self, *args: Any, **kwargs: Any) -> Any:
        """Ask when it is time to; the refusal after so many is final, and so is one that names too long a wait."""
        waited = 0.0
        for usual in PAUSES:
            self._pace.wait()
            _, status, headers = answer = super().request(*args, **kwargs)
            # Whoever was refused together should not come back together.
            pause = _named(headers) or usual * uniform(0.5, 1.5)  # noqa: S311
            waited += pause
            if status != TOO_FAST or waited > LONGEST_WAIT:
                return answer
            sleep(pause)
        self._pace.wait()
        return super().request(*args, **kwargs)


def _named(headers: Mapping[str, str]) -> float | None:
    """Return how many seconds to wait, as far as the answer says."""
    named = headers.get("Retry-After", "")
    return float(named) if named.isdecimal() else None
