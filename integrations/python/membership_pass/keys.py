"""The keys that verify passes, fetched seldom and kept when Membership is down."""

import http.client
import json
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePublicKey,
    EllipticCurvePublicNumbers,
)

from membership_pass.strict import decode

Fetch = Callable[[], Mapping[str, Any]]
TIMEOUT = 3.0
LARGEST_ANSWER = 65_536
ASKED_AT_MOST_EVERY = 60.0
KEPT_WITHOUT_NEWS = 24 * 3600.0


class KeysUnavailable(Exception):
    """No keys could be fetched, and the last known ones are too old to trust."""


class KeyCache:
    """Holds the published keys: fetched again after `refresh` seconds, or for an unknown key at most once a minute.

    When they cannot be fetched, the last known ones are good for 24 hours.
    `is_reachable` tells how the last attempt went.
    """

    def __init__(self, jwks: str | Fetch, *, refresh: float = 300.0, timer: Callable[[], float] = time.monotonic):
        self.is_reachable = False
        self._fetch = fetch_from(jwks) if isinstance(jwks, str) else jwks
        self._refresh = refresh
        self._timer = timer
        self._keys: dict[str, EllipticCurvePublicKey] = {}
        self._fetched_at: float | None = None
        self._asked_at: float | None = None
        self._asking = threading.Lock()

    def get(self, kid: str) -> EllipticCurvePublicKey | None:
        """Return a published key by its id; raises KeysUnavailable."""
        known, fetched_at = self._keys.get(kid), self._fetched_at
        if known is not None and fetched_at is not None and self._timer() - fetched_at <= self._refresh:
            return known
        self.refresh()
        if kid not in self._keys:
            self._ask(ASKED_AT_MOST_EVERY)
        if self._age(self._fetched_at) > KEPT_WITHOUT_NEWS:
            raise KeysUnavailable
        return self._keys.get(kid)

    def refresh(self) -> None:
        """Fetch the keys again when it is time to."""
        if self._age(self._fetched_at) > self._refresh:
            self._ask(min(self._refresh, ASKED_AT_MOST_EVERY))

    def _ask(self, at_most_every: float) -> None:
        # Whoever finds another thread asking goes on with what is known, unless nothing is.
        if self._age(self._asked_at) <= at_most_every or not self._asking.acquire(blocking=self._fetched_at is None):
            return
        try:
            if self._age(self._asked_at) > at_most_every:
                self._fetch_now()
        finally:
            self._asking.release()

    def _fetch_now(self) -> None:
        try:
            self._keys = read_keys(self._fetch())
        except (OSError, http.client.HTTPException, ValueError, TypeError, AttributeError, KeyError):
            self.is_reachable = False
        else:
            self.is_reachable, self._fetched_at = True, self._timer()
        finally:
            self._asked_at = self._timer()

    def _age(self, since: float | None) -> float:
        return float("inf") if since is None else self._timer() - since


def fetch_from(url: str) -> Fetch:
    """Return a function that fetches a JWKS from an address; http(s) only, three seconds, 64 kB."""
    if not url.startswith(("https://", "http://")):
        raise ValueError("the keys are fetched by https")

    def fetch() -> Mapping[str, Any]:
        with urllib.request.urlopen(url, timeout=TIMEOUT) as answer:  # noqa: S310 - checked above
            found: Mapping[str, Any] = json.loads(answer.read(LARGEST_ANSWER))
            return found

    return fetch


def read_keys(jwks: Mapping[str, Any]) -> dict[str, EllipticCurvePublicKey]:
    """Read the ES256 signing keys out of a JWKS; others are left out."""
    return {str(key["kid"]): _read(key) for key in jwks["keys"] if _is_ours(key)}


def _is_ours(key: Mapping[str, Any]) -> bool:
    return (
        (key.get("kty"), key.get("crv")) == ("EC", "P-256")
        and key.get("alg", "ES256") == "ES256"
        and key.get("use", "sig") == "sig"
        and isinstance(key.get("kid"), str)
    )


def _read(key: Mapping[str, Any]) -> EllipticCurvePublicKey:
    x, y = (int.from_bytes(decode(key[name]), "big") for name in ("x", "y"))
    return EllipticCurvePublicNumbers(x, y, SECP256R1()).public_key()
