from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest
from membership_pass import Membership, PassVerifier, Refused, Unreachable

from membership.access import service
from tests.access.asking import RETURN_URL, register, sign_in
from tests.factories import make_subscription


@pytest.fixture
def site(session):
    return register(session)


@pytest.fixture
def membership(url, site):
    return Membership(url + "/", "daily", site[1])


@pytest.fixture
def patron(session, site):
    patron = make_subscription(session).patron
    session.commit()
    return patron


def brought(client, start):
    """Follow a hand-over in a signed-in browser; return the code and state that come back."""
    parts = urlsplit(start.url)
    answer = parse_qs(urlsplit(client.get(f"{parts.path}?{parts.query}").location).query)
    return {name: values[0] for name, values in answer.items()}


def test_a_reader_is_handed_over_and_her_pass_verified(client, session, membership, patron):
    sign_in(client, session, patron)
    start = membership.start(RETURN_URL)
    answer = brought(client, start)
    issued = membership.collect(answer["code"], start.verifier)
    found = PassVerifier(membership.url, "aud-daily", jwks=membership.fetch_keys).verify(issued.token)

    assert answer["state"] == start.state
    assert (found.subject, found.state) == (issued.subject, "active")
    assert "paywall_free" in found.flags


def test_a_silent_hand_over_asks_nothing(client, membership):
    assert brought(client, membership.start(RETURN_URL, silent=True))["error"] == "login_required"


def test_a_code_from_another_browser_is_refused(client, session, membership, patron):
    sign_in(client, session, patron)
    stolen = brought(client, membership.start(RETURN_URL))["code"]

    with pytest.raises(Refused) as refusal:
        membership.collect(stolen, membership.start(RETURN_URL).verifier)

    assert refusal.value.status == 400


def test_a_known_reader_gets_a_fresh_pass_and_a_decision_without_being_there(session, membership, site, patron):
    subject = service.subject_of(session, site[0].id, patron.id)
    session.commit()

    assert membership.renew(subject).expires_in == 600
    assert membership.decide(subject)["state"] == "active"


@pytest.mark.parametrize(("key", "subject", "status"), [("wrong", "x", 401), (None, "x", 404), (None, "a/b c", 404)])
def test_a_refusal_tells_its_status(url, site, key, subject, status):
    with pytest.raises(Refused) as refusal:
        Membership(url, "daily", key or site[1]).decide(subject)

    assert refusal.value.status == status


def test_nobody_there_is_told_apart_from_a_refusal(port):
    with pytest.raises(Unreachable):
        Membership(f"http://localhost:{port}", "daily", "key").renew("x")


class _Odd(BaseHTTPRequestHandler):
    status, body, headers_sent = 200, b"", ()

    def do_GET(self):
        self.send_response(self.status)
        for name, value in self.headers_sent:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(self.body)

    do_POST = do_GET  # noqa: N815 - the library's name

    def log_message(self, *_):
        pass


def odd(**fields):
    return type("Odd", (_Odd,), fields)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (odd(status=502), Unreachable),
        (odd(status=404), Refused),
        (odd(status=403), Unreachable),
        (odd(status=429), Unreachable),
        (odd(status=302, headers_sent=[("Location", "http://127.0.0.1:1/")]), Unreachable),
        (odd(body=b"nonsense"), Unreachable),
        (odd(body=b"[]"), Unreachable),
        (odd(body=b'{"pass": "x"}'), Unreachable),
        (odd(body=b"x", headers_sent=[("Content-Length", "50")]), Unreachable),
    ],
)
def test_an_odd_answer_is_never_taken_for_a_pass_nor_followed(answer, kind):
    with HTTPServer(("127.0.0.1", 0), answer) as server:
        thread = Thread(target=server.handle_request)
        thread.start()
        with pytest.raises(kind):
            Membership(f"http://127.0.0.1:{server.server_port}", "daily", "key").renew("x")
        thread.join(5)
