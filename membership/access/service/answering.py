"""Which answers were given lately, so that giving them again costs no query."""

from collections.abc import MutableMapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from time import monotonic

from membership.access.rules import Decision
from membership.access.service.prepared import NotAnswered
from membership.access.service.versions import Version

KEPT_FOR = timedelta(seconds=30)
MOST_KEPT = 5_000
# What another process commits is known after this time; what this one commits, at once.
LOOKED_EVERY = 0.5

Name = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """The JSON, its mark, and until when it may be kept by the site that asked."""

    body: bytes
    etag: str
    fresh_until: datetime

    def headers(self, now: datetime) -> list[tuple[str, str]]:
        """Return how long and for whom it may be kept."""
        seconds = int((self.fresh_until - now).total_seconds())
        return [("ETag", self.etag), ("Cache-Control", f"private, max-age={seconds}"), ("Vary", "Authorization")]

    def is_known(self, if_none_match: str) -> bool:
        """Whether the site has it already, by what it sent as If-None-Match (RFC 9110, 13.1.2)."""
        return if_none_match == self.etag or self.etag in [one.strip() for one in if_none_match.split(",")]


@dataclass(slots=True)
class Given:
    """A decision, when it was given first, and the answer that tells it, once somebody has asked for one."""

    decision: Decision
    at: datetime
    answer: Answer | None = None

    def counts(self, now: datetime) -> bool:
        """Whether it may be given again."""
        return self.at <= now < min(self.decision.fresh_until, self.at + KEPT_FOR)


class GivenAnswers:
    """Keeps answers until something is committed to the database, and for half a minute at most."""

    def __init__(self, version: Version) -> None:
        self._version = version
        self._seen: object = None
        self._look_at = 0.0
        self._looking = Lock()
        self._given: dict[Name, Given] = {}

    def recall(self, name: Name, now: datetime) -> Given | None:
        """Return the answer that was given about a site's reader, while nothing has changed since."""
        if name in self._given and monotonic() >= self._look_at:
            self._look()
        given = self._given.get(name)
        return given if given is not None and given.counts(now) else None

    def page(self) -> MutableMapping[Name, Given]:
        """Return where to note an answer: take it before reading, so that nothing older than a change is kept."""
        if self._seen is None or len(self._given) >= MOST_KEPT:
            self._look()
            self._given = {}
        return self._given

    def look_soon(self, *_: object) -> None:
        """Look at the next request whether something changed: this process has committed."""
        self._look_at = 0.0

    def _look(self) -> None:
        # Whoever finds another thread looking goes on with what was true a moment ago.
        if not self._looking.acquire(blocking=False):
            return
        try:
            version = self._version()
            if version != self._seen:
                self._given = {}
            self._seen, self._look_at = version, monotonic() + LOOKED_EVERY
        except NotAnswered:
            self._given = {}
        finally:
            self._looking.release()
