"""The back channel: what a site's server asks Membership, with its key. Standard library only."""

import base64
import hashlib
import http.client
import json
import secrets
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any
from urllib.parse import quote, urlencode

TIMEOUT = 3.0
LARGEST_ANSWER = 65_536
# Whatever else there is between the two sites may say 403 or 429, too; that is no word about a reader.
REFUSALS = frozenset({400, 401, 404})


class Unreachable(OSError):
    """Membership does not answer now; go on with the pass you have until it expires."""


class Refused(OSError):
    """Membership said no; `status` is its HTTP status: 400 the code, 401 the key, 404 the reader."""

    def __init__(self, status: int) -> None:
        super().__init__(f"Membership refused with {status}")
        self.status = status


@dataclass(frozen=True, slots=True)
class Start:
    """Where to send the reader; keep `state` and `verifier` in her browser's session until she is back."""

    url: str
    state: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Issued:
    """A pass, the site's lasting name for its reader, and for how many seconds it is good."""

    token: str
    subject: str
    expires_in: int


class Membership:
    """One site's way to ask: `url` is Membership's public address, `site` the site's slug, `key` its secret."""

    def __init__(self, url: str, site: str, key: str, *, timeout: float = TIMEOUT) -> None:
        self.url = url.rstrip("/")
        self.site = site
        self._key = key
        self._timeout = timeout
        # A redirect would carry the key to wherever it points.
        self._opener = urllib.request.build_opener(_NoRedirects)

    def start(self, return_url: str, *, silent: bool = False) -> Start:
        """Begin a hand-over; silent asks nothing of a reader who is not signed in."""
        state, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
        digest = hashlib.sha256(verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        wish = {"site": self.site, "return": return_url, "challenge": challenge, "state": state}
        query = urlencode({**wish, **({"prompt": "none"} if silent else {})})
        return Start(f"{self.url}/access/handover?{query}", state, verifier)

    def collect(self, code: str, verifier: str) -> Issued:
        """Exchange the code that the reader brought for her pass. Raises Refused or Unreachable."""
        return _issued(self._post("/access/token", {"code": code, "verifier": verifier}))

    def renew(self, subject: str) -> Issued:
        """Get a fresh pass for a known reader, without her. Raises Refused or Unreachable."""
        return _issued(self._post("/access/pass", {"subject": subject}))

    def decide(self, subject: str) -> Mapping[str, Any]:
        """Ask what a known reader may have now. Raises Refused or Unreachable."""
        return self._send(urllib.request.Request(f"{self.url}/api/v1/access/{quote(subject, safe='')}"))  # noqa: S310

    def fetch_keys(self) -> Mapping[str, Any]:
        """Fetch the public keys that verify passes; fits PassVerifier's `jwks`. Raises Refused or Unreachable."""
        return self._send(urllib.request.Request(f"{self.url}/.well-known/jwks.json"), with_key=False)  # noqa: S310

    def _post(self, path: str, body: Mapping[str, str]) -> Mapping[str, Any]:
        data = json.dumps(body).encode()
        kind = {"Content-Type": "application/json"}
        return self._send(urllib.request.Request(self.url + path, data, kind))  # noqa: S310 - our own configured address

    def _send(self, request: urllib.request.Request, *, with_key: bool = True) -> Mapping[str, Any]:
        if with_key:
            request.add_header("Authorization", f"Bearer {self._key}")
        try:
            with self._opener.open(request, timeout=self._timeout) as answer:
                return _object(answer.read(LARGEST_ANSWER))
        except urllib.error.HTTPError as error:
            error.close()
            raise (Refused(error.code) if error.code in REFUSALS else Unreachable()) from None
        except (OSError, http.client.HTTPException) as error:
            raise Unreachable from error


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, req: Any, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str) -> None:
        return None


def _object(data: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(data)
    except ValueError as error:
        raise Unreachable from error
    if not isinstance(found, dict):
        raise Unreachable
    return found


def _issued(answer: Mapping[str, Any]) -> Issued:
    try:
        return Issued(str(answer["pass"]), str(answer["subject"]), int(answer["expires_in"]))
    except (KeyError, TypeError, ValueError) as error:
        raise Unreachable from error
