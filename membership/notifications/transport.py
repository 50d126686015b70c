"""How a message reaches a site: public servers only, at the address that was looked at, no redirects, bounded time."""

import ipaddress
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from http.client import HTTPConnection, HTTPException, HTTPResponse
from threading import Timer
from urllib.parse import SplitResult, urlsplit

from membership.loading import Seldom
from membership.notifications.errors import AddressRefused, NotReached

_filter = Seldom("requests_hardened.ip_filter")
_requests = Seldom("requests.exceptions")

CONNECT_SECONDS = 5.0
DEADLINE_SECONDS = 20.0
MOST_READ = 4096
LONGEST_URL = 500
# RFC 4291, 2.5.4
GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a site answered; `body` is its beginning, for comparing and never for showing."""

    status: int
    retry_after: timedelta | None
    body: bytes

    @property
    def is_good(self) -> bool:
        return 200 <= self.status < 300


class _Pinned(HTTPConnection):
    """Connects to the address that was looked at, whatever the name says by now."""

    def __init__(self, host: str, port: int, address: str, *, is_secret: bool) -> None:
        super().__init__(host, port, timeout=CONNECT_SECONDS)
        self._address = address
        self._is_secret = is_secret
        # Or the port would stand in the Host header, which some sites compare to the letter.
        self.default_port = PORTS["https" if is_secret else "http"]

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), CONNECT_SECONDS)
        if self._is_secret:
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=self.host, do_handshake_on_connect=False)

    def shake_hands(self) -> None:
        """Agree on a cipher, and see that the server is who it is to be."""
        if isinstance(self.sock, ssl.SSLSocket):
            self.sock.do_handshake()
        self.sock.settimeout(DEADLINE_SECONDS)


def find_address(url: str, *, allow_local: bool) -> str:
    """Return the public address behind a URL; raises AddressRefused. `allow_local` is for demonstrations and tests."""
    parts = _read(url, allow_local=allow_local)
    host, port = str(parts.hostname), parts.port or PORTS[parts.scheme]
    try:
        found: str = _filter.filter_host(host, port, allow_loopback=allow_local)
    except (_requests.RequestException, UnicodeError) as error:
        raise AddressRefused from error
    address = found.strip("[]")
    if not is_public(address) and not (allow_local and ipaddress.ip_address(address).is_loopback):
        raise AddressRefused
    return address


def is_public(address: str) -> bool:
    """Whether an address is one of the open internet, also by what is wrapped in it."""
    found = ipaddress.ip_address(address)
    inner = _wrapped(found) if isinstance(found, ipaddress.IPv6Address) else None
    if inner is not None:
        return inner.is_global and not inner.is_multicast
    # Whatever else the libraries call global: ::a.b.c.d, ::ffff:0:a.b.c.d and fec0:: never leave a site.
    is_given_out = found.version == 4 or found in GLOBAL_UNICAST
    return found.is_global and not found.is_multicast and is_given_out


def _wrapped(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    return address.ipv4_mapped or address.sixtofour


def _read(url: str, *, allow_local: bool) -> SplitResult:
    schemes = {"https", "http"} if allow_local else {"https"}
    try:
        parts = urlsplit(url)
        is_sound = parts.scheme in schemes and parts.hostname and parts.port != 0 and "@" not in parts.netloc
    except ValueError as error:
        raise AddressRefused from error
    if not is_sound or len(url) > LONGEST_URL or not url.isprintable() or not url.isascii() or " " in url:
        raise AddressRefused
    return parts


def send(
    url: str, headers: Mapping[str, str], body: bytes | None = None, *, allow_local: bool = False, seconds: float = 0
) -> Answer:
    """Post a message, or without a body get what is there; raises AddressRefused or NotReached.

    `seconds` is how long an answer may take in all, after the connection stands.
    """
    seconds = seconds or DEADLINE_SECONDS
    parts, address = urlsplit(url), find_address(url, allow_local=allow_local)
    port = parts.port or PORTS[parts.scheme]
    connection = _Pinned(str(parts.hostname), port, address, is_secret=parts.scheme == "https")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.connect()
        with _until(seconds, connection.sock):
            connection.shake_hands()
            connection.request("GET" if body is None else "POST", path, body, dict(headers))
            return _answer(connection.getresponse())
    except (OSError, HTTPException, ValueError) as error:
        raise NotReached(type(error).__name__) from error
    finally:
        connection.close()


def _answer(response: HTTPResponse) -> Answer:
    seconds = response.headers.get("Retry-After", "")
    waits = timedelta(seconds=int(seconds)) if seconds.isdecimal() and len(seconds) < 7 else None
    return Answer(response.status, waits, response.read(MOST_READ))


@contextmanager
def _until(seconds: float, sock: socket.socket) -> Iterator[None]:
    # A timeout counts from byte to byte: whoever sends one a second would hold the worker for ever.
    timer = Timer(seconds, socket.socket.shutdown, (sock, socket.SHUT_RDWR))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
