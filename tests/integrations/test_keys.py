import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from membership_pass import BadPass, KeyCache, KeysUnavailable, PassVerifier
from membership_pass.keys import read_keys

from tests.integrations.signing import AUDIENCE, ISSUER, KID, NOW, OTHER_KEY, make_pass, published


class Source:
    """Publishes keys, and can be down; counts how often it was asked."""

    def __init__(self, *keys):
        self.jwks, self.is_down, self.asked, self.now = {"keys": list(keys)}, False, 0, 0.0

    def __call__(self):
        self.asked += 1
        if self.is_down:
            raise ConnectionRefusedError
        return self.jwks

    def cache(self):
        return KeyCache(self, timer=lambda: self.now)


@pytest.fixture
def source():
    return Source(published())


def test_keys_are_fetched_once_for_many_passes(source):
    keys = source.cache()
    for _ in range(100):
        assert keys.get(KID)

    assert source.asked == 1


def test_keys_are_fetched_again_after_five_minutes_so_that_removed_ones_die(source):
    keys = source.cache()
    keys.get(KID)
    source.jwks, source.now = {"keys": []}, 301.0

    assert keys.get(KID) is None


def test_a_new_key_is_fetched_when_it_is_first_seen(source):
    keys = source.cache()
    keys.get(KID)
    source.jwks["keys"].append(published(OTHER_KEY, kid="key-2"))
    source.now = 61.0

    assert keys.get("key-2")


def test_unknown_keys_ask_at_most_once_a_minute(source):
    keys = source.cache()
    for second in range(100):
        source.now = float(second)
        keys.get(f"guess-{second}")

    assert source.asked == 2


def test_the_last_known_keys_are_good_for_a_day_without_news(source):
    keys = source.cache()
    keys.get(KID)
    source.is_down, source.now = True, 24 * 3600.0

    assert keys.get(KID)
    assert not keys.is_reachable


def test_keys_are_not_trusted_after_a_day_without_news(source):
    keys = source.cache()
    keys.get(KID)
    source.is_down, source.now = True, 24 * 3600.0 + 1

    with pytest.raises(KeysUnavailable):
        keys.get(KID)


def test_keys_that_were_never_fetched_are_asked_for_once_a_minute(source):
    keys = source.cache()
    source.is_down = True
    for second in range(60):
        source.now = float(second)
        with pytest.raises(KeysUnavailable):
            keys.get(KID)
    source.is_down, source.now = False, 61.0

    assert source.asked == 1
    assert keys.get(KID)
    assert keys.is_reachable


def test_without_any_keys_no_pass_is_good(source):
    source.is_down = True

    with pytest.raises(BadPass, match="keys unavailable"):
        PassVerifier(ISSUER, AUDIENCE, jwks=source, clock=lambda: NOW).verify(make_pass())


@pytest.mark.parametrize("answer", [None, [], {}, {"keys": None}, {"keys": ["x"]}, {"keys": [published(x="AA")]}])
def test_an_answer_that_is_no_set_of_keys_changes_nothing(source, answer):
    keys = source.cache()
    keys.get(KID)
    source.jwks, source.now = answer, 301.0

    assert keys.get(KID)


def test_keys_of_other_kinds_are_left_out():
    others = [{"kty": "RSA"}, {"crv": "P-384"}, {"alg": "ES384"}, {"use": "enc"}, {"kid": 1}]

    assert read_keys({"keys": [published(**other) for other in others]}) == {}


def test_whoever_finds_another_asking_goes_on_with_what_is_known(source):
    keys = source.cache()
    keys.get(KID)
    source.now = 301.0
    with keys._asking:
        assert keys.get(KID)

    assert source.asked == 1


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"keys": [published()]}).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def test_keys_come_from_an_address():
    with HTTPServer(("127.0.0.1", 0), _Answer) as server:
        thread = Thread(target=server.handle_request)
        thread.start()
        keys = KeyCache(f"http://127.0.0.1:{server.server_port}/jwks.json")
        found = keys.get(KID)
        thread.join(5)

    assert found


def test_keys_are_never_read_from_a_file():
    with pytest.raises(ValueError, match="https"):
        KeyCache("file:///etc/passwd")
