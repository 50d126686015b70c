"""The line to Stripe: bounded in time, and in how much of this process may wait on it."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
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
# Seconds before what was refused is asked again, if Stripe does not name them; and how many are too many.
PAUSES = (1, 2, 4, 8)
LONGEST_WAIT = 20
# The same where somebody waits for a page.
SHORT_PAUSES = (0.3, 0.6, 1.2)
SHORT_WAIT = 3
# Too many requests, or another one holds the object: https://docs.stripe.com/rate-limits. Stripe's package does not
# ask again by itself, and keeps no such answer under the key.
TOO_FAST = 429

# Content, status and headers.
Answer = tuple[Any, int, Mapping[str, str]]


class Line(stripe.RequestsClient):
    """Asks no more than a few things at once; who finds no place in a second is told to come again."""

    def __init__(self, timeout: tuple[float, float] = TIMEOUT) -> None:
        super().__init__(timeout=timeout)
        self._places = BoundedSemaphore(MOST_AT_ONCE)

    def request(self, *args: Any, **kwargs: Any) -> Any:
        """Ask when there is a place, again a few times what is refused as too fast, and keep the place meanwhile.

        Raises APIConnectionError, not to be retried, when there is none.
        """
        ask = partial(super().request, *args, **kwargs)
        return self._in_place(lambda: _again(ask, SHORT_PAUSES, SHORT_WAIT))

    def _in_place(self, ask: Callable[[], Answer]) -> Answer:
        if not self._places.acquire(timeout=PATIENCE):
            raise stripe.APIConnectionError("no place on the line", should_retry=False)  # type: ignore[no-untyped-call]
        try:
            return ask()
        finally:
            self._places.release()


class PatientLine(Line):
    """Asks at a pace that leaves room for readers; what Stripe finds too fast is asked again when Stripe says."""

    def __init__(self) -> None:
        super().__init__(PATIENT_TIMEOUT)
        self._pace = Pace(REQUESTS_PER_SECOND)

    def request(self, *args: Any, **kwargs: Any) -> Any:
        """Ask when it is time to; the refusal after so many is final, and so is one that names too long a wait."""
        ask = partial(stripe.RequestsClient.request, self, *args, **kwargs)
        return _again(lambda: self._at_pace(ask), PAUSES, LONGEST_WAIT)

    def _at_pace(self, ask: Callable[[], Answer]) -> Answer:
        self._pace.wait()
        return self._in_place(ask)


def _again(ask: Callable[[], Answer], pauses: Sequence[float], longest: float) -> Answer:
    waited = 0.0
    for usual in pauses:
        _, status, headers = answer = ask()
        # Whoever was refused together should not come back together.
        pause = _named(headers) or usual * uniform(0.5, 1.5)  # noqa: S311
        waited += pause
        if status != TOO_FAST or waited > longest:
            return answer
        sleep(pause)
    return ask()


def _named(headers: Mapping[str, str]) -> float | None:
    """Return how many seconds to wait, as far as the answer says."""
    named = headers.get("Retry-After", "")
    return float(named) if named.isdecimal() else None
