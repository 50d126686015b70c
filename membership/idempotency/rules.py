"""Keys, fingerprints and sealed answers.

After the IETF's draft-ietf-httpapi-idempotency-key-header: the key is a string of a structured field (RFC 9651); bare
ones, as most clients send them, are taken too.
"""

import base64
import hashlib
import re
from collections.abc import Iterable
from datetime import timedelta

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from membership.idempotency.errors import IdempotencyKeyUnreadable

KEPT = timedelta(hours=24)
# Longer than the slowest request that waits for the provider with all of its retries.
LEASE = timedelta(seconds=90)
LONGEST_KEY = 255

_QUOTED = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])+)"')
_BARE = re.compile(r"[!#-+\--:<-~]+")


def read_key(header: str) -> str:
    """Read the value of an Idempotency-Key header, or raise IdempotencyKeyUnreadable."""
    quoted, bare = _QUOTED.fullmatch(header), _BARE.fullmatch(header)
    key = re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else header
    if not (quoted or bare) or len(key) > LONGEST_KEY:
        raise IdempotencyKeyUnreadable
    return key


def key_hash(caller: str, key: str) -> str:
    """Return what a key of a caller is known by; two callers may use the same key."""
    return _hash(caller.encode(), key.encode())


def fingerprint(method: str, path: str, body: bytes) -> str:
    """Return what tells one request from another."""
    return _hash(method.encode(), path.encode(), body)


def sealer(secrets: Iterable[str], key: str) -> MultiFernet:
    """Return what seals an answer so that neither the database nor our secret alone opens it: it takes the key too."""
    return MultiFernet([_fernet(secret, key) for secret in secrets])


def _fernet(secret: str, key: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"membership idempotent answer\0" + key.encode())
    return Fernet(base64.urlsafe_b64encode(derived.derive(secret.encode())))


def _hash(*parts: bytes) -> str:
    whole = hashlib.sha256()
    for part in parts:
        whole.update(len(part).to_bytes(8, "big") + part)
    return whole.hexdigest()
