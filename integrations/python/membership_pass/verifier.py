"""Verify a pass: ES256 and nothing else, every claim required, nothing believed that is not signed."""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from itertools import product
from operator import itemgetter
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from membership_pass.keys import Fetch, KeyCache, KeysUnavailable
from membership_pass.strict import decode_bytes, parse_object

TYPE = "membership-pass+jwt"
HEADER = frozenset({"alg", "typ", "kid"})
LARGEST_PASS = 4096
LONGEST_LIFE = 3600
MOST_REMEMBERED = 10_000
MOST_HEADS = 100
_ES256 = ECDSA(SHA256())
_TEXT = frozenset({str})
# Every claim is required; all are looked at in one go, for most passes are sound.
_KINDS: dict[str, tuple[type, ...]] = {
    "sub": (str,),
    "state": (str,),
    "flags": (list,),
    "tier": (str, type(None)),
    "ask": (str,),
    "iat": (int,),
    "exp": (int,),
}
_SOUND = frozenset(product(*_KINDS.values()))
_of_pass = itemgetter(*_KINDS)
# Half the cost of the same through Pass's own constructor.
_new = tuple.__new__


class BadPass(Exception):
    """A pass that is not to be believed; `reason` is one word for logs: expired, signature, audience, …"""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Pass(NamedTuple):
    """What a reader may have, as long as `expires_at` (seconds since 1970) has not come."""

    subject: str
    state: str
    flags: frozenset[str]
    tier: str | None
    ask: str
    issued_at: int
    expires_at: int
    key_id: str


class PassVerifier:
    """Verifies passes of one Membership (`issuer`) for one site (`audience`), offline.

    `jwks` is the address of the keys, or a function that fetches them. `leeway` covers clocks that differ, in seconds.
    """

    def __init__(
        self,
        issuer: str,
        audience: str,
        *,
        jwks: str | Fetch | KeyCache,
        leeway: int = 60,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.issuer = issuer
        self.audience = audience
        self.leeway = leeway
        self.keys = jwks if isinstance(jwks, KeyCache) else KeyCache(jwks)
        self._clock = clock
        self._seen: OrderedDict[str, Pass] = OrderedDict()
        self._heads: dict[bytes, str] = {}
        self._flags: dict[tuple[str, ...], frozenset[str]] = {}

    def verify(self, token: str) -> Pass:
        """Return what a pass says, or raise BadPass."""
        if not isinstance(token, str) or len(token) > LARGEST_PASS:
            raise BadPass("size")
        known = self._seen.get(token)
        if known is None:
            known = self._open(token)
            self._remember(token, known)
        elif self._key(known.key_id) is None:
            raise BadPass("key")
        self._check_time(known)
        return known

    def _open(self, token: str) -> Pass:
        try:
            signed, _, signature = token.encode("ascii").rpartition(b".")
            head, _, body = signed.partition(b".")
            kid = self._heads.get(head) or self._read_header(head)
            self._check_signature(kid, signed, decode_bytes(signature))
            return self._read_claims(parse_object(decode_bytes(body)), kid)
        except ValueError as error:
            raise BadPass("form") from error

    def _read_header(self, head: bytes) -> str:
        kid = _kid_of(parse_object(decode_bytes(head)))
        # Every pass of a key begins with the same words.
        if self._key(kid) is not None and len(self._heads) < MOST_HEADS:
            self._heads[head] = kid
        return kid

    def _check_signature(self, kid: str, signed: bytes, signature: bytes) -> None:
        key = self._key(kid)
        if key is None:
            raise BadPass("key")
        if len(signature) != 64:
            raise BadPass("signature")
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        try:
            key.verify(encode_dss_signature(r, s), signed, _ES256)
        except InvalidSignature as error:
            raise BadPass("signature") from error

    def _key(self, kid: str) -> EllipticCurvePublicKey | None:
        try:
            return self.keys.get(kid)
        except KeysUnavailable as error:
            raise BadPass("keys unavailable") from error

    def _read_claims(self, claims: Mapping[str, Any], kid: str) -> Pass:
        if claims.get("iss") != self.issuer:
            raise BadPass("issuer")
        if claims.get("aud") != self.audience:
            raise BadPass("audience")
        try:
            found = _of_pass(claims)
        except KeyError as error:
            raise BadPass(error.args[0]) from error
        if tuple(map(type, found)) not in _SOUND or "" in found:
            raise BadPass(next(name for name, kinds in _KINDS.items() if not _fits(claims[name], kinds)))
        subject, state, flags, tier, ask, issued_at, expires_at = found
        try:
            held = self._flags.get(tuple(flags))
        except TypeError:  # what cannot be a name
            held = None
        held = self._read_flags(flags) if held is None else held
        return _new(Pass, (subject, state, held, tier, ask, issued_at, expires_at, kid))

    def _read_flags(self, listed: list[Any]) -> frozenset[str]:
        """Read flags, and keep one set for all readers who hold the same; only names equal names."""
        if not set(map(type, listed)) <= _TEXT:
            raise BadPass("flags")
        held = frozenset(listed)
        if len(self._flags) < MOST_HEADS:
            self._flags[tuple(listed)] = held
        return held

    def _check_time(self, found: Pass) -> None:
        now = self._clock()
        if found.expires_at + self.leeway <= now:
            raise BadPass("expired")
        if found.issued_at - self.leeway > now:
            raise BadPass("not yet")
        if not 0 < found.expires_at - found.issued_at <= LONGEST_LIFE:
            raise BadPass("life")

    def _remember(self, token: str, found: Pass) -> None:
        self._seen[token] = found
        while len(self._seen) > MOST_REMEMBERED:
            self._seen.popitem(last=False)


def _kid_of(header: Mapping[str, Any]) -> str:
    # A closed list: crit, jwk, jku, x5u and whatever comes next are refused by not being on it.
    if header.keys() != HEADER or header["alg"] != "ES256" or header["typ"] != TYPE:
        raise BadPass("header")
    kid = header["kid"]
    if not isinstance(kid, str):
        raise BadPass("header")
    return kid


def _fits(found: Any, kinds: tuple[type, ...]) -> bool:
    # By exact type: a JSON true is no number.
    return type(found) in kinds and found != ""
