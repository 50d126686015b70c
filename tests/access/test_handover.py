from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine

from membership.access import service
from membership.access.models import Handover
from membership.clock import utc_now
from tests.access.asking import CHALLENGE, RETURN_URL, VERIFIER, bearer, register, sign_in
from tests.factories import make_patron, make_subscription


@pytest.fixture
def site(session):
    return register(session)


@pytest.fixture
def patron(client, session, site):
    patron = make_subscription(session).patron
    sign_in(client, session, patron)
    return patron


def hand_over(client, **fields):
    wish = {"site": "daily", "return": RETURN_URL, "challenge": CHALLENGE, "state": "the state & more"}
    return client.get("/access/handover", query_string=wish | fields)


def answer_of(response):
    return {name: values[0] for name, values in parse_qs(urlsplit(response.location).query).items()}


@pytest.fixture
def code(client, patron):
    return answer_of(hand_over(client))["code"]


def collect(client, key, code, verifier=VERIFIER, **kind):
    kind = kind or {"json": {"code": code, "verifier": verifier}}
    return client.post("/access/token", headers=bearer(key), **kind)


def test_a_signed_in_reader_comes_back_with_a_code_and_the_state(client, patron):
    response = hand_over(client)

    assert response.status_code == 303
    assert response.location.startswith(f"{RETURN_URL}?")
    assert answer_of(response).keys() == {"code", "state"}
    assert answer_of(response)["state"] == "the state & more"
    assert response.headers["Cache-Control"] == "private, no-store"


def test_the_address_that_she_comes_back_to_tells_nothing_about_her(client, patron):
    address = hand_over(client).location

    assert patron.email not in address
    assert patron.public_id not in address


def test_the_sites_server_collects_the_pass(client, session, site, patron, code):
    answer = collect(client, site[1], code)

    assert answer.status_code == 200
    assert service.patron_behind(session, site[0].id, answer.json["subject"]) == patron.id
    assert answer.json["pass"].count(".") == 2


def test_a_form_collects_as_well(client, site, code):
    answer = collect(client, site[1], code, data={"code": code, "verifier": VERIFIER})

    assert answer.status_code == 200


def test_only_the_hash_of_a_code_is_kept(session, code):
    assert code not in str(session.query(Handover.code_hash).all())


def test_a_code_is_good_once(client, site, code):
    answers = [collect(client, site[1], code).status_code for _ in range(2)]

    assert answers == [200, 400]


def test_a_code_is_used_up_by_a_wrong_verifier(client, site, code):
    answers = [collect(client, site[1], code, verifier).status_code for verifier in ("w" * 43, VERIFIER)]

    assert answers == [400, 400]


def test_another_site_cannot_collect_and_does_not_use_the_code_up(client, session, site, code):
    _, other = register(session, "other")
    answers = [collect(client, key, code).status_code for key in (other, site[1])]

    assert answers == [400, 200]


@pytest.mark.parametrize(("seconds", "status"), [(59, 200), (61, 400)])
def test_a_code_lives_for_a_minute(client, site, code, seconds, status):
    with time_machine.travel(utc_now() + timedelta(seconds=seconds)):
        assert collect(client, site[1], code).status_code == status


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"code": "x"},
        {"code": "x", "verifier": "short"},
        {"code": "x\0", "verifier": VERIFIER},
        {"code": 1, "verifier": VERIFIER},
        {"code": "unknown", "verifier": VERIFIER},
    ],
)
def test_a_code_that_is_none_is_refused(client, site, body):
    assert collect(client, site[1], "", json=body).status_code == 400


@pytest.mark.parametrize(
    "address",
    [
        "",
        "https://evil.test/",
        RETURN_URL + "/",
        RETURN_URL + "?x=1",
        RETURN_URL.upper(),
        RETURN_URL.replace("http", "https"),
        "//publication.test/membership/return",
        RETURN_URL + "@evil.test",
    ],
)
def test_nobody_is_sent_to_an_address_that_is_not_registered(client, patron, address):
    response = hand_over(client, **{"return": address})

    assert response.status_code == 400
    assert "Location" not in response.headers


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"site": "nobody"}, 404),
        ({"site": "Ü\0"}, 400),
        ({"challenge": ""}, 400),
        ({"challenge": "plain"}, 400),
        ({"state": "x" * 513}, 400),
        ({"state": "a\r\nb"}, 400),
    ],
)
def test_a_wish_that_is_not_sound_is_refused(client, patron, fields, status):
    assert hand_over(client, **fields).status_code == status


def test_who_is_not_signed_in_signs_in_first_and_comes_back_here(client, site):
    response = hand_over(client)
    [wanted] = parse_qs(urlsplit(response.location).query)["next"]

    assert (response.status_code, urlsplit(response.location).path) == (303, "/sign-in")
    assert wanted.startswith("/access/handover?site=daily&")
    assert parse_qs(urlsplit(wanted).query)["state"] == ["the state & more"]


def test_a_silent_wish_comes_back_without_a_question(client, site):
    response = hand_over(client, prompt="none")

    assert answer_of(response) == {"error": "login_required", "state": "the state & more"}
    assert response.location.startswith(f"{RETURN_URL}?")


def test_forgotten_codes_are_swept_away(client, session, code):
    with time_machine.travel(utc_now() + timedelta(days=2)):
        sign_in(client, session, make_patron(session))
        hand_over(client)

    assert session.query(Handover).count() == 1
