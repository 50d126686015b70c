"""Passes, good and bad, signed by hand: so that every mistake can be made on purpose."""

import base64
import json

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

ISSUER, AUDIENCE, KID, NOW = "https://members.test", "https://daily.test", "key-1", 1_795_000_000
KEY = ec.generate_private_key(ec.SECP256R1())
OTHER_KEY = ec.generate_private_key(ec.SECP256R1())
HEADER = {"alg": "ES256", "typ": "membership-pass+jwt", "kid": KID}
CLAIMS = {
    "iss": ISSUER,
    "aud": AUDIENCE,
    "sub": "reader-of-the-daily",
    "iat": NOW - 10,
    "exp": NOW + 590,
    "state": "active",
    "flags": ["no_ads", "vote"],
    "tier": "friend",
    "ask": "none",
}


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def signature_over(text, key=KEY):
    r, s = decode_dss_signature(key.sign(text.encode(), ec.ECDSA(SHA256())))
    return encode(r.to_bytes(32, "big") + s.to_bytes(32, "big"))


def signed(head, body, key=KEY):
    """Sign two JSON texts, whatever they say."""
    text = f"{encode(head.encode())}.{encode(body.encode())}"
    return f"{text}.{signature_over(text, key)}"


def make_pass(key=KEY, header=None, without="", **claims):
    """Make a pass; state only what is odd about it."""
    said = {name: value for name, value in (CLAIMS | claims).items() if name != without}
    return signed(json.dumps(HEADER | (header or {})), json.dumps(said), key)


def published(key=KEY, **fields):
    numbers = key.public_key().public_numbers()
    x, y = (encode(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": KID, "use": "sig", "alg": "ES256"} | fields
