"""The test of a connection tells what is well, what is not, and what is not known."""

import json
from contextlib import suppress

import pytest
from membership_pass import BadPass, PassVerifier

from membership.access import service as access
from membership.access.models import SiteKey
from membership.clock import utc_now
from membership.db import transaction
from membership.notifications import service
from membership.notifications.errors import NotReached
from membership.notifications.models import ConnectionCheck
from membership.notifications.service.checking import LATELY, _judge, check_published_keys
from membership.notifications.transport import Answer
from tests.access.asking import register
from tests.notifications.receiving import tell_at


def answer(status=200, body=b""):
    return Answer(status, None, body)


@pytest.fixture
def tested(app, session, drain):
    """Have the connection of the site tested; return what was found."""

    def done():
        with transaction() as current:
            service.ask_check(current, access.get_site(current, "daily"), utc_now())
        drain()
        found = session.get_one(ConnectionCheck, 1, populate_existing=True).findings
        session.commit()
        return {(one["check"], one["about"]): one["why"] for one in found}

    return done


def verifying(app, settings):
    """Answer a test as a site with our library does."""
    keys = access.key_ring(settings.pass_keys_dir).keys(utc_now())
    verifier = PassVerifier("http://localhost", "aud-daily", jwks=lambda: {"keys": [key.published() for key in keys]})

    def reply(sent):
        verified = []
        for token in json.loads(sent)["data"]["passes"]:
            with suppress(BadPass):
                verified.append(verifier.verify(token).subject)
        return json.dumps({"verified": verified}).encode()

    return reply


def test_a_site_that_is_connected_well_is_told_so(app, site, settings, session, tested):
    site.status, site.reply = 200, verifying(app, settings)
    with transaction() as current:
        row = access.get_site(current, "daily")
        row.origins, row.return_urls = [site.url.removesuffix("/told")], [site.url]
        current.get_one(SiteKey, 1).last_used_at = utc_now()
    found = tested()

    assert found.pop(("jwks", "http://localhost/.well-known/jwks.json")) == "away"
    assert set(found.values()) == {""}
    assert {check for check, _ in found} == {"origin", "return", "key", "webhook", "pass"}
    assert json.loads(site.requests[-1][2])["type"] == "connection.test"


def test_what_is_not_well_is_named(app, site, session, tested):
    site.status = 404
    with transaction() as current:
        row = access.get_site(current, "daily")
        row.origins, row.return_urls = ["http://127.0.0.1:1"], [site.url, "http://10.0.0.1/"]
    found = tested()

    assert found["origin", "http://127.0.0.1:1"] == "away"
    assert found["return", site.url] == "missing"
    assert found["return", "http://10.0.0.1/"] == "away"
    assert found["key", ""] == "never"
    assert found["webhook", site.url] == "refused"


def test_a_webhook_that_only_redirects_is_named(app, site, tested):
    site.status = 302

    assert tested()["webhook", site.url] == "moved"


def test_a_site_that_is_told_nothing_is_tested_without_it(context, session, tested):
    register(session)
    with transaction() as current:
        current.get_one(SiteKey, 1).last_used_at = utc_now() - 2 * LATELY
        access.get_site(current, "daily").origins = []
    found = tested()

    assert found["webhook", ""] == "none"
    assert found["key", ""] == "long_ago"


def test_a_webhook_that_is_away_is_named(context, session, tested):
    register(session)
    tell_at("http://127.0.0.1:1/")

    assert tested()["webhook", "http://127.0.0.1:1/"] == "away"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ('{"verified": ["good"]}', ""),
        ('{"verified": ["good", "forged"]}', "gullible"),
        ('{"verified": ["good", "ended"]}', "gullible"),
        ('{"verified": []}', "refused"),
        ('{"verified": "good"}', "silent"),
        ('["good"]', "silent"),
        ("", "silent"),
        ("[" * 4096, "silent"),
        ("\xff", "silent"),
    ],
)
def test_a_site_is_judged_by_which_passes_it_takes(said, why):
    passes = service.TestPasses(("t", "good"), ("u", "forged"), ("v", "ended"))

    assert _judge(answer(body=said.encode("latin-1")), passes).why == why


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [(200, b'{"keys":[{"kid":"17-a"}]}', ""), (200, b'{"keys":[]}', "other"), (502, b"", "away")],
)
def test_our_keys_are_looked_for_where_sites_fetch_them(status, body, why):
    assert check_published_keys("https://m.test/jwks", "17-a", lambda *asked: answer(status, body)).why == why


def test_our_address_that_is_away_is_named():
    def away(*asked):
        raise NotReached("TimeoutError")

    found = check_published_keys("https://m.test/jwks", "17-a", away)

    assert (found.why, found.detail) == ("away", "TimeoutError")
