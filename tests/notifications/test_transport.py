import socket
import ssl
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from membership.notifications import transport
from membership.notifications.errors import AddressRefused, NotReached
from membership.notifications.transport import find_address, is_public, send
from tests.notifications.receiving import receiving

INNER = [
    *("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1"),
    *(
        "255.255.255.255",
        "192.0.2.1",
        "198.18.0.1",
        "[::1]",
        "[::]",
        "[fe80::1]",
        "[fc00::1]",
        "[fec0::1]",
        "[ff02::1]",
    ),
    *("[::ffff:127.0.0.1]", "[::ffff:169.254.169.254]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[::7f00:1]"),
    *("[::ffff:0:7f00:1]", "[::ffff:0:127.0.0.1]", "[64:ff9b:1::7f00:1]", "[2001::1]", "[100::1]", "[4000::1]"),
    *("2130706433", "0x7f000001", "0177.0.0.1", "127.1", "localhost"),
]


@pytest.mark.parametrize("host", INNER)
def test_nothing_inside_is_reached_however_it_is_written(host):
    with pytest.raises(AddressRefused):
        find_address(f"https://{host}/told", allow_local=False)


@pytest.mark.parametrize(
    "url",
    [
        *("http://1.1.1.1/", "ftp://1.1.1.1/", "https:///told", "https://me@1.1.1.1/", "https://[/", "told", ""),
        *("https://1.1.1.1:0/", "https://1.1.1.1:99999/", "https://1.1.1.1/a b", "https://1.1.1.1/\r\nX: y"),
        *(
            "https://exämple.org/",
            "https://1.1.1.1/" + "x" * 500,
            "https://no.such.host.invalid/",
            "file:///etc/passwd",
        ),
    ],
)
def test_what_is_no_address_of_a_public_server_is_refused(url):
    with pytest.raises(AddressRefused):
        find_address(url, allow_local=False)


@pytest.mark.parametrize("host", ["1.1.1.1", "[2606:4700:4700::1111]"])
def test_a_public_server_is_found(host):
    assert find_address(f"https://{host}:8443/told?a=b", allow_local=False) == host.strip("[]")


@given(st.ip_addresses())
def test_no_address_is_public_that_wraps_an_inner_one(address):
    inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    if is_public(str(address)):
        assert address.is_global
        assert inner is None or inner.is_global


def test_demonstrations_reach_loopback_and_nothing_else_inside():
    assert find_address("http://127.0.0.1:8002/", allow_local=True) == "127.0.0.1"
    with pytest.raises(AddressRefused):
        find_address("http://10.0.0.1/", allow_local=True)


def test_a_name_that_changes_its_mind_is_asked_once(monkeypatch):
    asked = []

    def lookup(host, port, *rest, **more):
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", lambda *given, **more: lookup(*given, **more))
    with receiving() as site:
        monkeypatch.setattr(socket, "create_connection", lambda to, timeout: _connected(to, asked))
        send(site.url.replace("127.0.0.1", "rebind.test"), {}, b"{}", allow_local=True)

    assert asked == ["rebind.test", ("127.0.0.1", asked[1][1])]
    assert site.requests[0][1]["Host"].startswith("rebind.test:")


def _connected(to, asked):
    asked.append(to)
    sock = socket.socket()
    sock.connect(to)
    return sock


def test_a_redirect_is_an_answer_and_is_not_followed():
    with receiving() as site:
        site.status, site.headers = 302, {"Location": site.url}
        answer = send(site.url, {}, b"{}", allow_local=True)

    assert (answer.status, answer.is_good, len(site.requests)) == (302, False, 1)


def test_of_a_long_answer_the_beginning_is_read():
    with receiving() as site:
        site.body, site.status, site.headers = b"x" * 1_000_000, 200, {"Retry-After": "60"}
        answer = send(site.url + "?a=b", {}, allow_local=True)

    assert len(answer.body) == transport.MOST_READ
    assert answer.retry_after.total_seconds() == 60
    assert site.requests[0][0] == "/told?a=b"


def test_whoever_sends_a_byte_now_and_then_is_left(monkeypatch):
    monkeypatch.setattr(transport, "DEADLINE_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as server:
        held = []
        Thread(target=lambda: held.append(server.accept()[0]), daemon=True).start()
        monkeypatch.setattr(socket.socket, "settimeout", lambda own, seconds: None)
        with pytest.raises(NotReached):
            send(f"http://127.0.0.1:{server.getsockname()[1]}/", {}, b"{}", allow_local=True)
        held[0].close()


def test_a_server_that_is_not_who_it_is_to_be_is_not_told():
    with receiving() as site, pytest.raises(NotReached) as failure:
        send(site.url.replace("http:", "https:"), {}, b"{}", allow_local=True)

    assert issubclass(getattr(ssl, failure.value.why), OSError)
    assert site.requests == []
