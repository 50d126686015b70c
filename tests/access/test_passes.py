import json
from datetime import timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from membership.access import service
from membership.access.service import KeyRing
from membership.clock import utc_now
from tests.access.asking import bearer, register
from tests.factories import make_price, make_subscription, make_tier


@pytest.fixture
def site(session):
    return register(session)


@pytest.fixture
def reader(session, site):
    price = make_price(session, tier=make_tier(session, slug="friend", flags=["vote", "no_ads"]))
    patron = make_subscription(session, price=price).patron
    subject = service.subject_of(session, site[0].id, patron.id)
    session.commit()
    return subject


def renew(client, key, **body):
    return client.post("/access/pass", json=body, headers=bearer(key))


def opened(client, token):
    keys = KeySet.import_key_set(client.get("/.well-known/jwks.json").json)
    return jwt.decode(token, keys, algorithms=["ES256"])


def test_a_pass_holds_the_decision_and_no_name(client, site, reader):
    answer = renew(client, site[1], subject=reader)
    signed = opened(client, answer.json["pass"])

    assert signed.header["typ"] == "membership-pass+jwt"
    assert signed.claims == {
        "iss": "http://localhost",
        "aud": "aud-daily",
        "sub": reader,
        "iat": signed.claims["iat"],
        "exp": signed.claims["iat"] + 600,
        "state": "active",
        "flags": ["no_ads", "vote"],
        "tier": "friend",
        "ask": "none",
    }
    assert answer.json["expires_in"] == 600
    assert "@" not in json.dumps(signed.claims)


def test_a_pass_is_never_kept_by_a_cache(client, site, reader):
    assert renew(client, site[1], subject=reader).headers["Cache-Control"] == "private, no-store"


def test_a_pass_may_be_asked_for_by_a_form(client, site, reader):
    answer = client.post("/access/pass", data={"subject": reader}, headers=bearer(site[1]))

    assert answer.json["subject"] == reader


def test_two_sites_cannot_compare_notes(session, site, reader):
    other, _ = register(session, "other")
    patron_id = service.patron_behind(session, site[0].id, reader)

    assert service.subject_of(session, other.id, patron_id) != reader
    assert service.subject_of(session, site[0].id, patron_id) == reader


@pytest.mark.parametrize("body", [{}, {"subject": 1}, {"subject": "a\0b"}, {"subject": ""}, {"subject": ["x"]}])
def test_a_wish_without_a_reader_is_refused(client, site, body):
    assert renew(client, site[1], **body).status_code == 400


@pytest.mark.parametrize("body", [b"", b"[]", b"nonsense", b'"x"'])
def test_a_body_that_is_no_object_is_refused(client, site, body):
    answer = client.post("/access/pass", data=body, content_type="application/json", headers=bearer(site[1]))

    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")


def test_an_unknown_reader_gets_no_pass(client, site):
    assert renew(client, site[1], subject="nobody").status_code == 404


def test_the_published_keys_are_public_and_may_be_kept(client):
    answer = client.get("/.well-known/jwks.json")

    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Vary" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    assert [key.keys() for key in answer.json["keys"]] == [{"crv", "x", "y", "kty", "kid", "use", "alg"}]


def test_a_new_key_is_published_before_it_signs(client, site, reader, settings):
    first = opened(client, renew(client, site[1], subject=reader).json["pass"]).header["kid"]
    new = KeyRing(settings.pass_keys_dir).rotate(utc_now()).kid
    signed = opened(client, renew(client, site[1], subject=reader).json["pass"])

    assert {key["kid"] for key in client.get("/.well-known/jwks.json").json["keys"]} == {first, new}
    assert signed.header["kid"] == first


def test_a_new_key_takes_over_when_every_site_knows_it(settings):
    ring, now = KeyRing(settings.pass_keys_dir), utc_now()
    old = ring.signing_key(now).kid
    new = ring.rotate(now).kid
    later = ring.keys(now)[-1].made_at + timedelta(minutes=10)

    assert (ring.signing_key(later - timedelta(seconds=1)).kid, ring.signing_key(later).kid) == (old, new)
