"""Signed delivery of events: one at a time, in order, again after growing gaps until the receiver answers 2xx."""

import heapq
import random
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from itertools import takewhile
from typing import Any
from urllib.parse import urlsplit

from stripe import WebhookSignature

from membership.sandbox.upsets import Way

ATTEMPTS = 8
ANSWER_WITHIN = 10.0
CONNECTIONS: dict[str, type[HTTPConnection]] = {"http": HTTPConnection, "https": HTTPSConnection}


class Mode(StrEnum):
    """Send events at once, keep them until the mode is `deliver` again, or lose them as a broken endpoint would."""

    DELIVER = "deliver"
    HOLD = "hold"
    DROP = "drop"


@dataclass(order=True)
class Delivery:
    """One event on its way to one address; `due` is a second of real time."""

    due: float
    event_id: str = field(compare=False)
    url: str = field(compare=False)
    secret: str = field(compare=False)
    body: str = field(compare=False)
    attempts: int = field(default=0, compare=False)
    turn: int = field(default=0, compare=False)


class Webhooks:
    """Carries events out of the sandbox, in a thread of its own so that no request waits for a receiver."""

    def __init__(
        self,
        now: Callable[[], int],
        delivered: Callable[[str], None],
        mode: Mode = Mode.DELIVER,
        rest: Callable[[], None] = lambda: None,
    ) -> None:
        self.mode = mode
        self.waiting: deque[Delivery] = deque()
        self.retries: list[Delivery] = []
        self._now, self._delivered, self._rest = now, delivered, rest
        self._sending = self._stopped = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._work, daemon=True, name="webhooks")

    def start(self) -> None:
        """Begin to deliver."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the delivery under way and send nothing more."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        self._thread.join()

    def put(self, event_id: str, body: str, *, url: str, secret: str, way: Way | None = None) -> None:
        """Queue an event for an address: at the end, or as its way says, later or among others of the same turn."""
        way = way or Way()
        delivery = Delivery(time.time() + way.wait, event_id, url, secret, body, turn=way.turn)
        with self._changed:
            if way.wait:
                heapq.heappush(self.retries, delivery)
            else:
                self.waiting.insert(self._place(way), delivery)
            self._changed.notify_all()

    def switch(self, mode: Mode) -> None:
        """Change the mode; `drop` also loses what waits."""
        with self._changed:
            self.mode = mode
            if mode is Mode.DROP:
                self.waiting.clear()
                self.retries.clear()
            self._changed.notify_all()

    def shuffle(self, seed: str) -> None:
        """Bring what waits into another order, the same for the same seed."""
        with self._changed:
            random.Random(seed).shuffle(self.waiting)

    def settle(self, patience: float) -> bool:
        """Wait until everything that may be sent was tried once; False when the receiver is too slow for that."""
        with self._changed:
            return self._changed.wait_for(self._is_idle, patience)

    def pending(self) -> list[dict[str, Any]]:
        """Return what was not delivered yet, to be kept."""
        with self._changed:
            return [vars(delivery).copy() for delivery in [*self.waiting, *sorted(self.retries)]]

    def restore(self, pending: list[dict[str, Any]]) -> None:
        """Take up what was not delivered before."""
        self.waiting.extend(Delivery(**fields) for fields in pending)

    def _is_idle(self) -> bool:
        return self.mode is not Mode.DELIVER or not (self.waiting or self._sending)

    def _work(self) -> None:
        while (delivery := self._take()) is not None:
            has_arrived = _post(delivery, self._now())
            if has_arrived:
                self._delivered(delivery.event_id)
            with self._changed:
                self._sending = False
                if not has_arrived:
                    self._try_later(delivery)
                self._changed.notify_all()

    def _place(self, way: Way) -> int:
        if way.place is None:
            return len(self.waiting)
        together = sum(1 for _ in takewhile(lambda other: other.turn == way.turn, reversed(self.waiting)))
        return len(self.waiting) - int(way.place * (together + 1))

    def _take(self) -> Delivery | None:
        while self._wait():
            # Whoever makes the events of one turn has made all of them now.
            self._rest()
            with self._changed:
                delivery = self._next()
                self._sending = delivery is not None
                if delivery is not None:
                    return delivery
        return None

    def _wait(self) -> bool:
        with self._changed:
            while not self._stopped and not self._has_next():
                self._changed.wait(self._gap())
            return not self._stopped

    def _has_next(self) -> bool:
        is_due = bool(self.retries) and self.retries[0].due <= time.time()
        return self.mode is Mode.DELIVER and (is_due or bool(self.waiting))

    def _next(self) -> Delivery | None:
        if not self._has_next():
            return None
        if self.retries and self.retries[0].due <= time.time():
            return heapq.heappop(self.retries)
        return self.waiting.popleft()

    def _gap(self) -> float | None:
        if self.mode is Mode.DELIVER and self.retries:
            return max(0.0, self.retries[0].due - time.time())
        return None

    def _try_later(self, delivery: Delivery) -> None:
        delivery.attempts += 1
        delivery.due = time.time() + 2.0 ** (delivery.attempts - 1)
        if delivery.attempts < ATTEMPTS and self.mode is not Mode.DROP:
            heapq.heappush(self.retries, delivery)


def _post(delivery: Delivery, now: int) -> bool:
    parts = urlsplit(delivery.url)
    header = WebhookSignature.generate_signature_header(delivery.body, delivery.secret, now)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Stripe-Signature": header,
    }
    connection = CONNECTIONS[parts.scheme](parts.hostname or "", parts.port, timeout=ANSWER_WITHIN)
    try:
        connection.request("POST", f"{parts.path or '/'}?{parts.query}".rstrip("?"), delivery.body.encode(), headers)
        return 200 <= connection.getresponse().status < 300
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
