"""The whole state of one sandbox, and how its objects change: every change that Stripe would announce is an event."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import stripe

from membership.sandbox.agenda import Agenda
from membership.sandbox.clock import Clock
from membership.sandbox.faults import Faults
from membership.sandbox.store import Object, Store
from membership.sandbox.terms import Terms
from membership.sandbox.upsets import OLD_VERSION, Upset, Upsets, Way, with_novelties
from membership.sandbox.webhooks import Mode, Webhooks

API_VERSION = stripe.api_version
KEPT_FOR = 30 * 24 * 3600


@dataclass(frozen=True)
class Endpoint:
    """Where events go that no webhook endpoint of the API asked for: the address of the command line."""

    url: str
    secret: str


@dataclass
class Answer:
    """What was answered under an idempotency key, and to which request."""

    request: str
    status: int
    body: Object
    at: int


@dataclass
class World:
    """One sandbox; whoever reads or changes it holds the lock."""

    store: Store
    clock: Clock
    agenda: Agenda = field(default_factory=Agenda)
    mode: Mode = Mode.DELIVER
    endpoint: Endpoint | None = None
    journal: Path | None = None
    lock: threading.RLock = field(default_factory=threading.RLock)
    faults: Faults = field(default_factory=Faults)
    answers: dict[str, Answer] = field(default_factory=dict)
    terms: Terms = field(default_factory=Terms)
    upsets: Upsets = field(default_factory=Upsets)
    request: Object = field(default_factory=dict)
    changes: int = 0
    told: int = 0
    turn: int = 0
    moving: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.webhooks = Webhooks(self.clock.now, self._delivered, self.mode, self._rest)
        self._moment: int | None = None

    def now(self) -> int:
        """Return the second at which the work in hand happens."""
        return self.clock.now() if self._moment is None else self._moment

    @contextmanager
    def at(self, moment: int) -> Iterator[None]:
        """Do the work inside the block as of the moment at which it was due."""
        self._moment = moment
        try:
            yield
        finally:
            self._moment = None

    @contextmanager
    def asked_by(self, id: str, key: str | None) -> Iterator[None]:
        """Let the events made inside the block name the request that made them."""
        self.request = {"id": id, "key": key}
        try:
            yield
        finally:
            self.request = {}

    def emit(self, type: str, thing: Object, previous: Object | None = None) -> None:
        """Record that something happened to an object, and tell whoever listens."""
        way = self.upsets.next(self.told, self.turn)
        for _ in range(2 if Upset.TWIN in way.kinds else 1):
            self._record(type, thing, previous, way)

    def _record(self, type: str, thing: Object, previous: Object | None, way: Way) -> None:
        listeners = [] if self.webhooks.mode is Mode.DROP else list(self._listeners(type))
        data = {"object": copy(thing)} | ({"previous_attributes": previous} if previous else {})
        event: Object = {
            "id": self.store.new_id("event"),
            "object": "event",
            "api_version": OLD_VERSION if Upset.FOREIGN_VERSION in way.kinds else API_VERSION,
            "created": self.now(),
            "data": data,
            "livemode": False,
            "pending_webhooks": len(listeners),
            "request": {"id": self.request.get("id"), "idempotency_key": self.request.get("key")},
            "type": type,
        }
        self.store.add(event)
        self.told += 1
        self.changes += 1
        self._forget_old_events()
        self.note("EVENT", type, 200, event)
        self._send(event, listeners, way)

    def _send(self, event: Object, listeners: list[Endpoint], way: Way) -> None:
        if Upset.UNKNOWN_FIELDS in way.kinds:
            data = event["data"]
            event = with_novelties(event) | {"data": data | {"object": with_novelties(data["object"])}}
        for listener in listeners * way.times:
            self.webhooks.put(event["id"], compact(event), url=listener.url, secret=listener.secret, way=way)

    def resend(self, event: Object) -> None:
        """Send an event once more to everybody who listens for it."""
        for listener in self._listeners(event["type"]):
            self.webhooks.put(event["id"], compact(event), url=listener.url, secret=listener.secret)

    @contextmanager
    def changing(self, type: str, thing: Object) -> Iterator[Object]:
        """Announce what changes about an object inside the block, if anything does."""
        before = copy(thing)
        yield thing
        previous = {name: before.get(name) for name in thing if before.get(name) != thing[name]}
        if previous:
            self.emit(type, thing, previous)

    def add(self, type: str, thing: Object, **untold: Any) -> Object:
        """Keep a new object and announce it."""
        self.store.add(thing, **untold)
        self.emit(type, thing)
        return thing

    def note(self, method: str, path: str, status: int, body: Object) -> None:
        """Write an answer or an event (as `EVENT <type>`) into the journal, if one is kept."""
        if self.journal:
            with self.journal.open("a") as file:
                file.write(compact({"method": method, "path": path, "status": status, "body": body}) + "\n")

    def _listeners(self, type: str) -> Iterator[Endpoint]:
        if self.endpoint:
            yield self.endpoint
        for endpoint in self.store.tables.get("webhook_endpoint", {}).values():
            wanted = endpoint["enabled_events"]
            if endpoint["status"] == "enabled" and (type in wanted or "*" in wanted):
                yield Endpoint(endpoint["url"], self.store.untold[endpoint["id"]]["secret"])

    def _forget_old_events(self) -> None:
        events = self.store.tables["event"]
        while (oldest := next(iter(events.values())))["created"] < self.now() - KEPT_FOR:
            del events[oldest["id"]]

    def _rest(self) -> None:
        """Wait for the work in hand: what it tells goes out together, so that its order is the seed's alone."""
        if Upset.SHUFFLE in self.upsets.kinds:
            with self.lock:
                pass

    def _delivered(self, event_id: str) -> None:
        with self.lock:
            event = self.store.find("event", event_id)
            if event:
                event["pending_webhooks"] = max(0, event["pending_webhooks"] - 1)


def copy(thing: Object) -> Object:
    """Return a deep copy of an object of the API."""
    return json.loads(json.dumps(thing))  # type: ignore[no-any-return]


def compact(thing: Object) -> str:
    """Return an object as JSON without spaces."""
    return json.dumps(thing, separators=(",", ":"), ensure_ascii=False)
