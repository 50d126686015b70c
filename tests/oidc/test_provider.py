"""Signing readers in for other programs: the whole way, and every way that must not work."""

import base64
import hashlib
from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import time_machine
from joserfc import jwt
from joserfc.jwk import KeySet
from sqlalchemy import select

from membership.access import service
from membership.access.models import Handover
from membership.clock import utc_now
from membership.oidc.rules import TOKEN_LIFE, TOKEN_TYPE
from tests.access.asking import CHALLENGE, RETURN_URL, VERIFIER, bearer, register, sign_in
from tests.factories import make_patron, make_price, make_subscription, make_tier

ALL = "openid profile email membership"


@pytest.fixture
def site(session):
    site, key = register(session)
    site.scopes = ["email"]
    session.commit()
    return site, key


@pytest.fixture
def olena(session):
    tier = make_tier(session, slug="friend", flags=["vote", "no_ads"])
    patron = make_patron(session, email="olena@example.org", name="Olena")
    make_subscription(session, price=make_price(session, tier=tier), patron=patron)
    session.commit()
    return patron


@pytest.fixture
def authorize(client, site):
    def asked(**other):
        wish = {
            "response_type": "code",
            "client_id": site[0].slug,
            "redirect_uri": RETURN_URL,
            "scope": ALL,
            "state": "s",
            "nonce": "n",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        } | other
        return client.get("/oidc/authorize?" + urlencode({name: value for name, value in wish.items() if value}))

    return asked


@pytest.fixture
def exchange(client, site):
    def sent(code, secret=None, **other):
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": RETURN_URL,
            "code_verifier": VERIFIER,
            "client_id": site[0].slug,
            "client_secret": secret or site[1],
        } | other
        return client.post("/oidc/token", data=form)

    return sent


@pytest.fixture
def signed_on(client, session, olena, authorize, exchange):
    """Bring Olena all the way; return the tokens."""
    sign_in(client, session, olena)
    return exchange(answer_of(authorize())["code"]).json


def answer_of(response):
    assert response.status_code == 302, response.text
    parts = urlsplit(response.location)
    assert response.location.startswith(RETURN_URL)
    return {name: values[0] for name, values in parse_qs(parts.query).items()}


def read_id_token(client, token):
    keys = KeySet.import_key_set(client.get("/.well-known/jwks.json").json)
    return jwt.decode(token, keys, algorithms=["ES256"])


def test_a_reader_is_signed_on_and_the_site_learns_what_it_may(client, site, olena, signed_on):
    found = read_id_token(client, signed_on["id_token"])
    subject = found.claims["sub"]

    assert found.header["typ"] == "JWT"
    assert found.claims["aud"] == "daily"
    assert found.claims["nonce"] == "n"
    assert found.claims["exp"] - found.claims["iat"] == TOKEN_LIFE.total_seconds()
    assert found.claims["auth_time"] <= utc_now().timestamp()
    told = client.get("/oidc/userinfo", headers=bearer(signed_on["access_token"])).json
    assert told == {
        "sub": subject,
        "state": "active",
        "tier": "friend",
        "flags": ["no_ads", "vote"],
        "ask": "none",
        "email": "olena@example.org",
        "email_verified": True,
        "name": "Olena",
    }
    assert client.get(f"/api/v1/access/{subject}", headers=bearer(site[1])).json["state"] == "active"


def test_what_discovery_says_is_there(client):
    said = client.get("/.well-known/openid-configuration").json

    for name in ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"):
        path = said[name].removeprefix(said["issuer"])
        assert client.get(path).status_code != 404


def test_whoever_is_not_signed_in_signs_in_first_and_comes_back(client, authorize):
    away = authorize()

    assert away.status_code == 303
    assert parse_qs(urlsplit(away.location).query)["next"][0].startswith("/oidc/authorize?response_type=code")


def test_a_silent_question_about_a_stranger_is_answered_and_not_asked(authorize):
    assert answer_of(authorize(prompt="none"))["error"] == "login_required"
    assert answer_of(authorize(prompt="none"))["state"] == "s"


@pytest.mark.parametrize(("wish", "minutes"), [({"prompt": "login"}, 6), ({"max_age": "60"}, 2)])
def test_a_client_that_wants_a_fresh_sign_in_is_told_when_there_is_none(
    client, session, olena, authorize, wish, minutes
):
    sign_in(client, session, olena)
    assert "code" in answer_of(authorize(**wish))
    with time_machine.travel(utc_now() + timedelta(minutes=minutes)):
        assert answer_of(authorize(**wish))["error"] == "login_required"
        assert "code" in answer_of(authorize(max_age="nonsense"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": "nobody"},
        {"client_id": ""},
        {"redirect_uri": "https://evil.test/"},
        {"redirect_uri": RETURN_URL + "/"},
        {"redirect_uri": ""},
        {"response_type": "token", "redirect_uri": "https://evil.test/"},
    ],
)
def test_nobody_is_sent_to_an_address_that_is_not_registered(client, session, olena, authorize, wrong):
    sign_in(client, session, olena)
    refusal = authorize(**wrong)

    assert refusal.status_code == 400
    assert "Location" not in refusal.headers


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"code_challenge": "", "code_challenge_method": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": ""}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"request": "eyJ"}, "request_not_supported"),
        ({"request_uri": "https://evil.test/"}, "request_uri_not_supported"),
        ({"response_mode": "fragment"}, "invalid_request"),
    ],
)
def test_a_wish_that_cannot_be_is_told_to_the_site(client, session, olena, authorize, wrong, error):
    sign_in(client, session, olena)

    assert answer_of(authorize(**wrong))["error"] == error


@pytest.mark.parametrize(
    "wrong",
    [
        {"code_verifier": "w" * 43},
        {"code_verifier": ""},
        {"redirect_uri": "http://publication.test/elsewhere"},
        {"client_secret": "site_nonsense"},
        {"client_secret": ""},
        {"client_id": "nobody"},
        {"grant_type": "password"},
        {"code": ""},
    ],
)
def test_a_code_is_worth_nothing_without_everything_that_belongs_to_it(
    client, session, olena, authorize, exchange, wrong
):
    sign_in(client, session, olena)
    refusal = exchange(**({"code": answer_of(authorize())["code"]} | wrong))

    assert refusal.status_code in {400, 401}
    assert "access_token" not in refusal.json


def test_a_code_is_good_once_and_for_a_minute(client, session, olena, authorize, exchange):
    sign_in(client, session, olena)
    first, late = (answer_of(authorize())["code"] for _ in range(2))

    assert exchange(first).status_code == 200
    assert exchange(first).json["error"] == "invalid_grant"
    with time_machine.travel(utc_now() + timedelta(seconds=61)):
        assert exchange(late).json["error"] == "invalid_grant"


def test_what_a_code_gave_is_worth_nothing_once_it_comes_again(client, session, olena, authorize, exchange):
    sign_in(client, session, olena)
    first, other = (answer_of(authorize())["code"] for _ in range(2))
    stolen, kept = (bearer(exchange(code).json["access_token"]) for code in (first, other))
    assert client.get("/oidc/userinfo", headers=stolen).status_code == 200
    exchange(first)

    assert client.get("/oidc/userinfo", headers=stolen).status_code == 401
    assert client.get("/oidc/userinfo", headers=kept).status_code == 200


def test_another_sites_code_and_key_do_not_fit(client, session, olena, authorize, exchange):
    _, other_key = register(session, "weekly")
    sign_in(client, session, olena)
    code = answer_of(authorize())["code"]

    assert exchange(code, client_id="weekly", secret=other_key).json["error"] == "invalid_grant"
    assert exchange(code, secret=other_key).json["error"] == "invalid_client"


def test_the_two_kinds_of_codes_are_never_taken_for_each_other(client, session, site, olena, authorize, exchange):
    sign_in(client, session, olena)
    code = answer_of(authorize())["code"]
    taken = client.post("/access/token", json={"code": code, "verifier": VERIFIER}, headers=bearer(site[1]))
    handed = service.open_handover(session, site[0], olena.id, challenge=CHALLENGE, now=utc_now())
    session.commit()

    assert taken.status_code == 400
    assert exchange(handed).json["error"] == "invalid_grant"


def test_only_a_site_with_the_scope_learns_who_she_is(client, session, site, olena, authorize, exchange):
    site[0].scopes = []
    session.commit()
    sign_in(client, session, olena)
    tokens = exchange(answer_of(authorize())["code"]).json

    assert tokens["scope"] == "openid membership"
    told = client.get("/oidc/userinfo", headers=bearer(tokens["access_token"])).json
    assert told.keys() == {"sub", "state", "tier", "flags", "ask"}
    assert "olena" not in str(read_id_token(client, tokens["id_token"]).claims)


def test_a_site_that_does_not_ask_for_openid_gets_no_id_token(client, session, olena, authorize, exchange):
    sign_in(client, session, olena)
    tokens = exchange(answer_of(authorize(scope="membership"))["code"]).json

    assert "id_token" not in tokens


def test_a_token_of_before_their_names_were_kept_is_refused(client, app, site, olena, session):
    subject, settings = service.subject_of(session, site[0].id, olena.id), app.extensions["settings"]
    session.commit()
    claims = {"client_id": "daily", "sub": subject, "scope": "openid", "exp": (utc_now() + TOKEN_LIFE).timestamp()}
    claims |= {"iss": settings.public_url, "aud": f"{settings.public_url}/oidc/userinfo"}
    key = service.key_ring(settings.pass_keys_dir).signing_key(utc_now())
    token = jwt.encode({"alg": "ES256", "typ": TOKEN_TYPE, "kid": key.kid}, claims, key.key, algorithms=["ES256"])

    assert client.get("/oidc/userinfo", headers=bearer(token)).status_code == 401


def test_what_is_told_is_true_now_and_ends_with_the_token(client, session, olena, signed_on):
    service.ban_patron(session, olena.id, reason="spam", now=utc_now())
    session.commit()

    def ask():
        return client.get("/oidc/userinfo", headers=bearer(signed_on["access_token"]))

    assert ask().json["flags"] == []
    with time_machine.travel(utc_now() + TOKEN_LIFE):
        assert ask().status_code == 401


def test_no_other_token_opens_userinfo_and_its_token_opens_nothing_else(client, session, site, signed_on):
    subject = read_id_token(client, signed_on["id_token"]).claims["sub"]
    passed = client.post("/access/pass", json={"subject": subject}, headers=bearer(site[1])).json["pass"]
    for wrong in (passed, signed_on["id_token"], site[1], "a.b.c", ""):
        refusal = client.get("/oidc/userinfo", headers=bearer(wrong))
        assert refusal.status_code == 401
        assert "invalid_token" in refusal.headers["WWW-Authenticate"]
    assert client.get("/oidc/userinfo").status_code == 401
    assert client.get(f"/api/v1/access/{subject}", headers=bearer(signed_on["access_token"])).status_code == 401


def test_a_token_dies_with_its_site_and_with_its_key(client, app, session, site, signed_on):
    site[0].slug = "renamed"
    session.commit()
    assert client.get("/oidc/userinfo", headers=bearer(signed_on["access_token"])).status_code == 401
    site[0].slug = "daily"
    session.commit()
    service.key_ring(app.extensions["settings"].pass_keys_dir).replace_all(utc_now())

    assert client.get("/oidc/userinfo", headers=bearer(signed_on["access_token"])).status_code == 401


def test_a_client_may_send_its_key_as_basic(client, session, site, olena, authorize, exchange):
    sign_in(client, session, olena)
    said = base64.b64encode(f"daily:{site[1]}".encode()).decode()
    form = {"grant_type": "authorization_code", "redirect_uri": RETURN_URL, "code_verifier": VERIFIER}
    answer = client.post(
        "/oidc/token",
        data=form | {"code": answer_of(authorize())["code"]},
        headers={"Authorization": f"Basic {said}"},
    )

    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]


def test_only_the_hash_of_a_code_is_kept(client, session, olena, authorize):
    sign_in(client, session, olena)
    code = answer_of(authorize())["code"]
    kept = session.scalars(select(Handover)).one()

    assert kept.code_hash == hashlib.sha256(code.encode()).hexdigest()
