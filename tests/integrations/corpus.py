"""Passes that nobody may believe, and some that everybody must: one corpus for the libraries of all languages."""

import hashlib
import hmac
import json
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.integrations.signing import (
    AUDIENCE,
    CLAIMS,
    HEADER,
    ISSUER,
    KEY,
    NOW,
    OTHER_KEY,
    encode,
    make_pass,
    published,
    signed,
)


def hs256_with_the_public_key():
    text = f"{encode(json.dumps(HEADER | {'alg': 'HS256'}).encode())}.{encode(json.dumps(CLAIMS).encode())}"
    public = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return f"{text}.{encode(hmac.new(public, text.encode(), hashlib.sha256).digest())}"


def der_signature():
    token = make_pass()
    text = token.rpartition(".")[0]
    return f"{text}.{encode(KEY.sign(text.encode(), ec.ECDSA(SHA256())))}"


GOOD = make_pass()
HEAD, BODY, SIGNATURE = GOOD.split(".")
ZERO = encode(bytes(64))
CORPUS = {
    "none": make_pass(header={"alg": "none"}),
    "none without a signature": make_pass(header={"alg": "none"}).rpartition(".")[0] + ".",
    "None in capitals": make_pass(header={"alg": "NONE"}),
    "HS256 with the public key": hs256_with_the_public_key(),
    "RS256": make_pass(header={"alg": "RS256"}),
    "ES384": make_pass(header={"alg": "ES384"}),
    "empty signature": f"{HEAD}.{BODY}.",
    "signature of zeros": f"{HEAD}.{BODY}.{ZERO}",
    "signature in another form": der_signature(),
    "signature of another": make_pass(OTHER_KEY),
    "signature of another pass": f"{HEAD}.{BODY}.{make_pass(sub='x').rpartition('.')[2]}",
    "key in the header": make_pass(OTHER_KEY, header={"jwk": published(OTHER_KEY)}),
    "address of keys in the header": make_pass(OTHER_KEY, header={"jku": "https://evil.test/jwks.json"}),
    "certificate in the header": make_pass(OTHER_KEY, header={"x5u": "https://evil.test/cert"}),
    "kid that is a path": make_pass(header={"kid": "../../etc/passwd"}),
    "kid that is SQL": make_pass(header={"kid": "x' OR '1'='1"}),
    "kid that is a number": make_pass(header={"kid": 1}),
    "no kid": signed(json.dumps({"alg": "ES256", "typ": "membership-pass+jwt"}), json.dumps(CLAIMS)),
    "crit": make_pass(header={"crit": ["exp"]}),
    "b64": make_pass(header={"b64": False, "crit": ["b64"]}),
    "another typ": make_pass(header={"typ": "JWT"}),
    "no typ": signed(json.dumps({"alg": "ES256", "kid": "key-1"}), json.dumps(CLAIMS)),
    "a claim twice": signed(json.dumps(HEADER), json.dumps(CLAIMS)[:-1] + ', "sub": "someone-else"}'),
    "a header twice": signed(json.dumps(HEADER)[:-1] + ', "alg": "ES256"}', json.dumps(CLAIMS)),
    "expired": make_pass(exp=NOW - 60),
    "from the future": make_pass(iat=NOW + 61, exp=NOW + 600),
    "issued after it expires": make_pass(iat=NOW + 50, exp=NOW + 40),
    "good for a year": make_pass(exp=NOW + 365 * 86400),
    "exp as text": make_pass(exp=str(NOW + 500)),
    "exp as a fraction": make_pass(exp=NOW + 500.5),
    "exp as truth": make_pass(exp=True),
    "exp as infinity": signed(json.dumps(HEADER), json.dumps(CLAIMS | {"exp": float("inf")})),
    "exp beyond measure": make_pass(exp=10**300),
    "another audience": make_pass(aud="https://other.test"),
    "a list of audiences": make_pass(aud=[AUDIENCE]),
    "another issuer": make_pass(iss="https://evil.test"),
    "issuer with a slash": make_pass(iss=ISSUER + "/"),
    "flags as text": make_pass(flags="vote"),
    "flags that are numbers": make_pass(flags=[1]),
    "an empty subject": make_pass(sub=""),
    "a subject that is none": make_pass(sub=None),
    "a tier that is a number": make_pass(tier=1),
    **{f"no {name}": make_pass(without=name) for name in CLAIMS},
    "truncated": GOOD[:-10],
    "truncated in the middle": GOOD[: len(HEAD) + 20],
    "two parts": f"{HEAD}.{BODY}",
    "four parts": GOOD + "." + SIGNATURE,
    "five parts": "a.b.c.d.e",
    "nothing": "",
    "dots": "..",
    "with padding": f"{HEAD}=.{BODY}.{SIGNATURE}",
    "with unused bits at its end": GOOD[:-1] + chr(ord(GOOD[-1]) + 1),
    "with a line end": GOOD + "\n",
    "in another alphabet": GOOD.replace("e", "е", 1),
    "a lone surrogate": f"{HEAD}.\ud800.{SIGNATURE}",
    "a body that is a list": signed(json.dumps(HEADER), json.dumps([CLAIMS])),
    "a body that is no JSON": signed(json.dumps(HEADER), "nonsense"),
    "a body that is no text": f"{HEAD}.{encode(bytes([255, 254]))}.{SIGNATURE}",
    "a header nested without end": signed("[" * 1500, json.dumps(CLAIMS)),
    "NaN": signed(json.dumps(HEADER), json.dumps(CLAIMS | {"iat": float("nan")})),
    "one megabyte": GOOD + "A" * 1_000_000,
    "bytes": GOOD.encode(),
    "not a text": ["a"],
}
BELIEVED = {
    "as it is made": GOOD,
    "no tier and no flags": make_pass(tier=None, flags=[]),
    "expired within the leeway": make_pass(iat=NOW - 600, exp=NOW - 59),
    "from a clock that is a minute ahead": make_pass(iat=NOW + 60, exp=NOW + 600),
    "with words of every alphabet": make_pass(tier="Друг", flags=["перегляд", '\\"quoted": {yes}']),
}


def write_corpus(path: Path) -> Path:
    """Write the corpus for another language's library: what to trust, the time, passes to refuse and to believe."""
    refused = {name: token for name, token in CORPUS.items() if isinstance(token, str) and token.isprintable()}
    said = {"issuer": ISSUER, "audience": AUDIENCE, "now": NOW, "jwks": {"keys": [published()]}}
    path.write_text(json.dumps({**said, "refused": refused, "believed": BELIEVED, "claims": CLAIMS}))
    return path
