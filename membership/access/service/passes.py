"""The pass: the decision as a short-lived signed token that a site verifies without asking us."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from joserfc.jws import JWSRegistry
from joserfc.util import urlsafe_b64encode

from membership.access.rules import Decision
from membership.access.service.keys import KeyRing, PassKey, key_ring
from membership.config import Settings

PASS_LIFE = timedelta(minutes=10)
PASS_TYPE = "membership-pass+jwt"  # noqa: S105 - a media type
ES256 = JWSRegistry.algorithms["ES256"]


@dataclass(frozen=True, slots=True)
class Pass:
    """A signed pass, and whom it is about in the site's own words."""

    token: str
    subject: str


@dataclass(frozen=True, slots=True)
class Addressee:
    """Who says it (our public address), to whom (the site's audience), about whom (the site's name for her)."""

    issuer: str
    audience: str
    subject: str


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who signs: our public address, with the keys in a folder."""

    name: str
    keys: KeyRing

    @classmethod
    def of(cls, config: Settings) -> "Issuer":
        """Return the issuer that a deployment is."""
        return cls(config.public_url.rstrip("/"), key_ring(config.pass_keys_dir))

    def sign(self, decision: Decision, audience: str, subject: str, now: datetime) -> Pass:
        """Sign a decision for one site."""
        return mint(decision, Addressee(self.name, audience, subject), self.keys.signing_key(now), now)


def mint(decision: Decision, to: Addressee, key: PassKey, now: datetime) -> Pass:
    """Sign a decision for one site; it holds no name and no e-mail."""
    issued = int(now.timestamp())
    claims = {
        "iss": to.issuer,
        "aud": to.audience,
        "sub": to.subject,
        "iat": issued,
        "exp": issued + int(PASS_LIFE.total_seconds()),
        "state": decision.state,
        "flags": sorted(decision.flags),
        "tier": decision.tier,
        "ask": decision.ask,
    }
    return Pass(_sign(claims, key), to.subject)


def _sign(claims: dict[str, Any], key: PassKey) -> str:
    """Write the compact form (RFC 7515, 7.1); `jwt.encode` checks header and key anew each time, and costs twice."""
    signed = _header(key.kid) + b"." + _segment(claims)
    return (signed + b"." + urlsafe_b64encode(ES256.sign(signed, key.key))).decode()


@lru_cache(maxsize=8)
def _header(kid: str) -> bytes:
    return _segment({"alg": "ES256", "typ": PASS_TYPE, "kid": kid})


def _segment(values: dict[str, Any]) -> bytes:
    return urlsafe_b64encode(json.dumps(values, separators=(",", ":")).encode())
