from datetime import timedelta

import pytest

from membership.access.models import AppealRest
from membership.access.views.desk import LATER
from membership.clock import utc_now
from membership.subscriptions.models import Invoice, InvoiceStatus
from tests.access.asking import ORIGIN, register, sign_in
from tests.browsing import post
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


@pytest.mark.parametrize(("is_known", "way"), [(False, "/sign-in"), (True, "/account")])
def test_what_a_proxy_shows_of_a_refusal_leads_on(client, session, site, is_known, way):
    if is_known:
        sign_in(client, session, make_patron(session))
    shown = client.get("/access/verify?flag=vote", headers={"Accept": "text/html"})

    assert shown.status_code == (403 if is_known else 401)
    assert f'href="http://localhost{way}"' in shown.text
    assert client.get("/access/verify?flag=vote").text == ""


def test_a_proxy_may_only_ask_who_it_is(client):
    answer = client.get("/access/verify?open=1")

    assert (answer.status_code, answer.headers["X-Membership-State"]) == (204, "none")


@pytest.mark.parametrize("path", ["/access/pass", "/access/later"])
def test_a_browser_is_told_which_pages_may_ask_with_a_cookie(client, site, path):
    known, strange = (client.options(path, headers={"Origin": origin}) for origin in (ORIGIN, "http://evil.test"))

    assert (known.status_code, strange.status_code) == (204, 403)
    assert known.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert known.headers["Access-Control-Allow-Credentials"] == "true"
    assert "Origin" in known.vary
    assert "Access-Control-Allow-Origin" not in strange.headers


def test_who_asked_to_be_reminded_later_is_left_in_peace_for_a_month(client, session, site, patron):
    session.query(Invoice).update({"status": InvoiceStatus.VOID, "paid_at": None})
    session.commit()
    ask = lambda: client.get("/access/verify?open=1").headers["X-Membership-Ask"]  # noqa: E731
    before, kept = ask(), client.post("/access/later", headers={"Origin": ORIGIN})
    client.delete_cookie(LATER)

    assert (before, ask()) == ("full", "none")
    assert (kept.status_code, kept.data, kept.headers["Access-Control-Allow-Origin"]) == (204, b"", ORIGIN)
    assert session.query(AppealRest).one().until > utc_now() + timedelta(days=29)


def test_a_browser_remembers_for_a_reader_whom_we_do_not_know(client, session, site):
    ask = lambda: client.get("/access/pass", headers={"Origin": ORIGIN}).json["ask"]  # noqa: E731
    before, kept = ask(), client.post("/access/later", headers={"Origin": ORIGIN})

    assert (before, ask()) == ("full", "none")
    assert {"HttpOnly", "SameSite=Lax"} <= set(kept.headers["Set-Cookie"].split("; "))
    assert session.query(AppealRest).all() == []


def test_the_answer_tells_nothing_about_the_reader(app, client, site, patron):
    known, unknown = (one.post("/access/later", headers={"Origin": ORIGIN}) for one in (client, app.test_client()))

    assert set(known.headers.keys()) == set(unknown.headers.keys())
    assert known.data == unknown.data


@pytest.mark.parametrize("origin", ["", "null", "http://evil.test", "http://localhost"])
def test_no_other_page_speaks_for_the_reader(client, session, patron, origin):
    answer = client.post("/access/later", headers={"Origin": origin})

    assert (answer.status_code, "Set-Cookie" in answer.headers) == (403, False)
    assert session.query(AppealRest).all() == []


@pytest.mark.parametrize("kept", ["x", "-1", "٣", "9" * 13, "1795000000", "99999999999"])
def test_what_a_browser_makes_up_gives_no_rest(client, site, kept):
    client.set_cookie(LATER, kept)

    assert client.get("/access/verify?open=1").headers["X-Membership-Ask"] == "full"


def test_our_own_pages_offer_the_same_and_lead_back_to_the_publication(client, session, patron):
    answer = post(client, "/later", page="/")

    assert '<meta http-equiv="refresh" content="0; url=http://publication.test">' in answer.text
    assert session.query(AppealRest).one().patron_id == patron.id


@pytest.mark.parametrize(("slug", "words"), [("daily", "Go on to Daily"), ("nobody", "Go on")])
@pytest.mark.parametrize(("path", "name"), [("/access/handover", "site"), ("/oidc/authorize", "client_id")])
def test_no_form_is_redirected_to_where_a_site_may_be_reached(client, site, path, name, slug, words):
    answer = post(client, "/language/en", {"next": f"{path}?a=1&{name}={slug}"}, page="/")

    assert answer.status_code == 200
    assert f'<meta http-equiv="refresh" content="0; url={path}?a=1&amp;{name}={slug}">' in answer.text
    assert f'<a class="button" href="{path}?a=1&amp;{name}={slug}">{words}</a>' in answer.text
    assert answer.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    ("wanted", "led"),
    [
        (f"{ORIGIN}/a?b=1", f"{ORIGIN}/a?b=1"),
        ("http://evil.test/a", "http://publication.test"),
        ("//evil.test", "http://publication.test"),
        (r"http://publication.test\@evil.test", "http://publication.test"),
        ("http://publication.test@evil.test", "http://publication.test"),
        ("", "http://publication.test"),
    ],
)
def test_a_reader_is_brought_back_to_pages_of_registered_sites_only(client, site, wanted, led):
    assert client.get("/access/back", query_string={"to": wanted}).location == led


def test_whoever_signed_in_meanwhile_is_not_redirected_out_by_the_page_that_asks_who_she_is(client, patron):
    answer = client.get("/sign-in", query_string={"next": "/access/handover?site=daily"})

    assert 'content="0; url=/access/handover?site=daily"' in answer.text
