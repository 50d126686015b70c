"""Offline verification of passes beside the bare signature check of `cryptography` on the same bytes."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from membership_pass import PassVerifier
from membership_pass.keys import read_keys
from membership_pass.strict import decode

from benchmarks.figures import Figure, compare
from benchmarks.newsroom import FLAGS
from membership.access import service
from membership.access.rules import Complimentary, Decision, Level, decide
from membership.access.service import Addressee
from membership.clock import utc_now

ISSUER, AUDIENCE = "https://members.example.org", "daily"
UNSEEN_WANTED = 0.85
SEEN_WANTED = 5.0
PASSES = 2_000


@dataclass(frozen=True)
class Passes:
    """Passes as a site gets them, and the key that verifies them, published and opened."""

    tokens: list[str]
    published: dict[str, object]
    key: EllipticCurvePublicKey


def measure(folder: Path, rounds: int) -> list[Figure]:
    """Verify passes never seen before, and passes seen before."""
    passes = _mint_all(folder)
    raw = _raw_checks(passes)
    seen = _verifier(passes)
    _timed(seen.verify, passes.tokens)
    return [
        compare(
            "verifying a pass never seen before, beside raw ES256",
            lambda: _timed(_verifier(passes).verify, passes.tokens),
            lambda: _timed(lambda check: check(), raw),
            unit="/s",
            wanted=UNSEEN_WANTED,
            rounds=rounds,
        ),
        compare(
            "verifying a pass seen before, beside raw ES256",
            lambda: _timed(seen.verify, passes.tokens),
            lambda: _timed(lambda check: check(), raw),
            unit="/s",
            wanted=SEEN_WANTED,
            rounds=rounds,
        ),
    ]


def seconds_to_sign() -> float:
    """Return how long the bare signature over a pass takes."""
    key, algorithm, body = generate_private_key(SECP256R1()), ECDSA(SHA256()), b"x" * 400
    rates = [_timed(lambda one: key.sign(one, algorithm), [body] * PASSES) for _ in range(3)]
    return 1 / max(rates)


def _mint_all(folder: Path) -> Passes:
    now = utc_now()
    key = service.key_ring(folder / "passes").signing_key(now)
    decision = _decision()
    readers = (Addressee(ISSUER, AUDIENCE, secrets.token_urlsafe(18)) for _ in range(PASSES))
    tokens = [service.mint(decision, reader, key, now).token for reader in readers]
    published: dict[str, object] = {"keys": [key.published()]}
    return Passes(tokens, published, read_keys(published)[key.kid])


def _decision() -> Decision:
    now, day = utc_now(), timedelta(days=1)
    return decide([Complimentary(Level("friend", frozenset(FLAGS), 1), now - day, now + day)], now)


def _verifier(passes: Passes) -> PassVerifier:
    verifier = PassVerifier(ISSUER, AUDIENCE, jwks=lambda: passes.published)
    verifier.keys.refresh()
    return verifier


def _raw_checks(passes: Passes) -> list[Callable[[], None]]:
    return [_raw_check(passes.key, token) for token in passes.tokens]


def _raw_check(key: EllipticCurvePublicKey, token: str) -> Callable[[], None]:
    signed, _, signature = token.rpartition(".")
    r, s = (int.from_bytes(half, "big") for half in (decode(signature)[:32], decode(signature)[32:]))
    as_der, as_bytes, algorithm = encode_dss_signature(r, s), signed.encode(), ECDSA(SHA256())
    return lambda: key.verify(as_der, as_bytes, algorithm)


def _timed(act: Callable[[Any], object], things: Sequence[Any]) -> float:
    started = perf_counter()
    for thing in things:
        act(thing)
    return len(things) / (perf_counter() - started)
