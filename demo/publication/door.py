"""How the paper knows its readers: one hand-over, then a pass in the cookie, verified here, renewed by our server."""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from membership_pass import BadPass, Issued, KeyCache, Membership, Pass, PassVerifier, Refused, Start, Unreachable

RENEWED_BEFORE_END = 120
BELIEVED_FOR = 15
PATIENCE_AFTER_FAILURE = 30.0
KEYS_FETCHED_EVERY = 60.0
UNKNOWN = 404


@dataclass(frozen=True)
class Reader:
    """Who is reading, as far as her pass tells; `is_unsure` when Membership cannot be asked about her."""

    subject: str = ""
    state: str = "none"
    flags: frozenset[str] = frozenset()
    ask: str = "full"
    is_unsure: bool = False

    @property
    def is_known(self) -> bool:
        return bool(self.subject)


@dataclass(frozen=True)
class Kept:
    """What her cookie holds: the pass, and the name under which it is renewed."""

    token: str
    subject: str


class Door:
    """Recognises readers; `requests` counts what Membership was asked."""

    def __init__(self, membership: Membership, audience: str, clock: Callable[[], float] = time.time) -> None:
        self.requests: Counter[str] = Counter()
        self._membership = membership
        self._clock = clock
        self._keys = KeyCache(self._fetch_keys, refresh=KEYS_FETCHED_EVERY)
        self._verifier = PassVerifier(membership.url, audience, jwks=self._keys, clock=clock)
        self._failed_at = float("-inf")

    def recognise(self, kept: Kept | None, *, may_have_joined: bool = False) -> tuple[Reader, Kept | None]:
        """Tell who is reading, and what her cookie should hold from now on.

        A pass that gives nothing is not believed for long when she may have joined since.
        """
        if kept is None:
            self._keys.refresh()
            return Reader(is_unsure=not self._keys.is_reachable), None
        found = self._verify(kept.token)
        if found is None or self._is_due(found) or (may_have_joined and self._may_be_outdated(found)):
            return self._renew(kept, found)
        return _reader(found), kept

    def seconds_left(self, token: str) -> int:
        """Tell for how long a pass is good, in whole seconds."""
        found = self._verify(token)
        return max(int(found.expires_at - self._clock()), 0) if found else 0

    def start(self, return_url: str) -> Start:
        """Begin a hand-over; costs no request."""
        return self._membership.start(return_url)

    def collect(self, code: str, verifier: str) -> Kept | None:
        """Exchange the code of a hand-over for what her cookie shall hold."""
        self.requests["collect"] += 1
        try:
            return _kept(self._membership.collect(code, verifier))
        except (Refused, Unreachable):
            return None

    def _is_due(self, found: Pass) -> bool:
        return found.expires_at - self._clock() <= RENEWED_BEFORE_END

    def _may_be_outdated(self, found: Pass) -> bool:
        return not found.flags and self._clock() - found.issued_at > BELIEVED_FOR

    def _renew(self, kept: Kept, known: Pass | None) -> tuple[Reader, Kept | None]:
        unsure = _reader(known) if known else Reader(subject=kept.subject, is_unsure=True), kept
        if time.monotonic() - self._failed_at < PATIENCE_AFTER_FAILURE:
            return unsure
        self.requests["renew"] += 1
        try:
            fresh = _kept(self._membership.renew(kept.subject))
        except Refused as refusal:
            return (Reader(), None) if refusal.status == UNKNOWN else unsure
        except Unreachable:
            self._failed_at = time.monotonic()
            return unsure
        found = self._verify(fresh.token)
        return (_reader(found), fresh) if found else unsure

    def _verify(self, token: str) -> Pass | None:
        try:
            return self._verifier.verify(token)
        except BadPass:
            return None

    def _fetch_keys(self) -> Mapping[str, Any]:
        self.requests["keys"] += 1
        return self._membership.fetch_keys()


def following(clock_file: Path | None) -> Callable[[], float]:
    """Return a clock that is ahead by the seconds in a file, as the demonstration's clock is."""

    def now() -> float:
        ahead = clock_file.read_text() if clock_file is not None and clock_file.exists() else ""
        return time.time() + float(ahead or "0")

    return now


def _reader(found: Pass) -> Reader:
    return Reader(found.subject, found.state, found.flags, found.ask)


def _kept(issued: Issued) -> Kept:
    return Kept(issued.token, issued.subject)
