"""What makes a way to sign in hard to guess, to steal and to use twice."""

import hmac
import secrets
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import IPv6Network, ip_address

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pyotp import TOTP

from membership.patrons.models import Patron, Role, SignInLink

# Nothing that can be taken for something else when it is read aloud or typed on a phone.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 8
LINK_LIFE = timedelta(minutes=10)
MOST_ATTEMPTS = 5

TOTP_SECONDS = 30
TOTP_DRIFT = 1
MOST_TOTP_FAILURES = 5
TOTP_LOCK = timedelta(minutes=15)


def hash_of(secret: str, salt: str = "") -> str:
    """Return what we keep of a random secret; a code, which is short, is salted with its browser's hash."""
    return sha256(f"{salt}{secret}".encode()).hexdigest()


def is_same(given_hash: str, kept_hash: str) -> bool:
    """Compare two hashes without telling by the time where they differ."""
    return hmac.compare_digest(given_hash.encode(), kept_hash.encode())


def new_code() -> str:
    """Make a code to be typed."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def typed_code(text: str) -> str:
    """Return a code as it was meant, however it was spaced and cased."""
    return "".join(char for char in text.upper() if char in ALPHABET)[: CODE_LENGTH + 1]


def spaced(code: str) -> str:
    """Write a code so that it is easy to copy."""
    return f"{code[:4]}-{code[4:]}"


def is_open(link: SignInLink, now: datetime) -> bool:
    """Whether a link may still be used."""
    return link.used_at is None and now < link.expires_at and link.attempts < MOST_ATTEMPTS


def masked(email: str) -> str:
    """Name an address so that its owner knows it and nobody else learns it."""
    local, _, domain = email.partition("@")
    return f"{local[0]}…@{domain}"


def network_of(address: str | None) -> str:
    """Return the network that an address is counted under: a household has one of IPv4 and 2^64 of IPv6."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return ""
    return str(IPv6Network((found, 64), strict=False)) if found.version == 6 else str(found)


def is_active_staff(patron: Patron) -> bool:
    """Whether a patron works here now."""
    return patron.staff is not None and patron.staff.disabled_at is None


def reaches(role: Role, needed: Role) -> bool:
    """Whether a role may what another one may."""
    ranks = list(Role)
    return ranks.index(role) >= ranks.index(needed)


def sealer(secret_keys: list[str], purpose: bytes = b"membership totp") -> MultiFernet:
    """Return what seals the secrets of one purpose, second factors by default: with the first key, opening with any."""
    return MultiFernet([Fernet(_derived(key, purpose)) for key in secret_keys])


def _derived(secret_key: str, purpose: bytes) -> bytes:
    key = HKDF(SHA256(), length=32, salt=None, info=purpose).derive(secret_key.encode())
    return urlsafe_b64encode(key)


def accepted_step(secret: str, code: str, now: datetime, last_step: int) -> int | None:
    """Return the time step that a code belongs to, if it is near now and after the last one that was used."""
    totp, present = TOTP(secret), int(now.timestamp()) // TOTP_SECONDS
    steps = range(max(present - TOTP_DRIFT, last_step + 1), present + TOTP_DRIFT + 1)
    return next((step for step in steps if is_same(totp.generate_otp(step), code)), None)
