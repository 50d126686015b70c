import pytest

from tests.access.asking import ORIGIN, register, sign_in
from tests.factories import make_patron, make_price, make_subscription, make_tier


@pytest.fixture
def site(session):
    return register(session)


@pytest.fixture
def patron(client, session, site):
    price = make_price(session, tier=make_tier(session, slug="friend", flags=["vote", "no_ads"]))
    patron = make_subscription(session, price=price).patron
    sign_in(client, session, patron)
    return patron


def test_the_page_of_a_registered_origin_gets_the_pass_of_its_reader(client, patron):
    answer = client.get("/access/pass", headers={"Origin": ORIGIN})

    assert answer.json.keys() == {"pass", "expires_in", "subject"}
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    assert {"Origin", "Cookie"} <= answer.vary
    assert answer.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    "origin",
    ["", "null", "http://evil.test", ORIGIN + ".evil.test", ORIGIN + "/", ORIGIN.upper(), ORIGIN[:-1]],
)
def test_no_other_origin_gets_anything(client, patron, origin):
    answer = client.get("/access/pass", headers={"Origin": origin})

    assert answer.status_code == 403
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_page_learns_that_its_reader_is_not_signed_in(client, site):
    answer = client.get("/access/pass", headers={"Origin": ORIGIN})

    assert answer.status_code == 401
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN


def test_a_proxy_lets_a_member_through(client, patron):
    answer = client.get("/access/verify?flag=vote&flag=no_ads")

    assert answer.status_code == 204
    assert answer.headers["X-Membership-State"] == "active"
    assert answer.headers["X-Membership-Tier"] == "friend"
    assert answer.headers["X-Membership-Flags"] == "no_ads,vote"
    assert answer.headers["X-Membership-Ask"] == "none"
    assert "Cookie" in answer.vary
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_a_proxy_stops_who_lacks_a_flag(client, patron):
    assert client.get("/access/verify?flag=vote&flag=archive").status_code == 403


def test_a_proxy_learns_of_who_holds_nothing(client, session, site):
    sign_in(client, session, make_patron(session))
    answer = client.get("/access/verify")

    assert (answer.status_code, answer.headers["X-Membership-State"]) == (204, "none")
    assert answer.headers["X-Membership-Tier"] == ""


def test_a_proxy_stops_who_is_not_signed_in(client):
    answer = client.get("/access/verify")

    assert (answer.status_code, answer.headers["X-Membership-Ask"]) == (401, "full")


def test_a_proxy_may_only_ask_who_it_is(client):
    answer = client.get("/access/verify?open=1")

    assert (answer.status_code, answer.headers["X-Membership-State"]) == (204, "none")
