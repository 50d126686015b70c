"""A proxy beside us is told who reads, by a cookie that is good for nothing else."""

import pytest

from membership.patrons.login import KEPT_AS
from membership.patrons.neighbours import NAME
from membership.patrons.service import sign_ins
from membership.voting.models import RoundState
from membership.voting.service import close_round
from tests.browsing import token_on
from tests.conftest import make_settings
from tests.factories import make_price, make_round, make_subscription, make_tier

OURS, PAPER = "http://members.paper.test", "http://www.paper.test"
ASKED = "/access/verify?flag=vote"


@pytest.fixture
def settings(database_url, tmp_path):
    return make_settings(database_url=database_url, pass_keys_dir=tmp_path, public_url=OURS, parent_domain="paper.test")


@pytest.fixture
def member(session):
    return make_subscription(session, price=make_price(session, tier=make_tier(session, flags=["vote"]))).patron


@pytest.fixture
def browser(app, client, session, member):
    """A browser in which a member has signed in, before the domain was set."""
    token = sign_ins.begin(session, member)
    session.commit()
    sealed = app.session_interface.get_signing_serializer(app).dumps({KEPT_AS: token})
    client.set_cookie("membership", sealed, domain="members.paper.test")
    return client


@pytest.fixture
def verdict(app, browser):
    """Ask as a proxy does, with what the browser would send to the publication."""

    def asked(path=ASKED):
        kept = browser.get_cookie(NAME, domain="paper.test")
        proxy = app.test_client(use_cookies=False)
        return proxy.get(path, base_url=OURS, headers={"Cookie": f"{NAME}={kept.value}"} if kept else {})

    return asked


def test_a_member_who_has_been_here_is_known_beside_us(browser, verdict):
    assert verdict().status_code == 401
    answer = browser.get("/account", base_url=OURS)
    kept = browser.get_cookie(NAME, domain="paper.test")

    assert verdict().status_code == 204
    assert (kept.http_only, kept.same_site, kept.origin_only) == (True, "Lax", False)
    assert NAME not in str(browser.get("/account", base_url=OURS).headers)
    assert "Cookie" in answer.vary


def test_what_a_cache_may_keep_brings_it_to_nobody(browser, session):
    round = make_round(session, state=RoundState.OPEN, slug="november")
    close_round(session, round, round.closes_at, "clock")
    session.commit()
    answer = browser.get("/vote/november/result.json", base_url=OURS)

    assert (answer.status_code, answer.cache_control.public) == (200, True)
    assert browser.get_cookie(NAME, domain="paper.test") is None


def test_it_opens_nothing_else(app, browser, session):
    browser.get("/account", base_url=OURS)
    kept = browser.get_cookie(NAME, domain="paper.test")
    thief = app.test_client(use_cookies=False)
    for name in (NAME, "membership"):
        with_it = {"Cookie": f"{name}={kept.value}"}
        assert thief.get("/account", base_url=OURS, headers=with_it).status_code == 303
        assert thief.get("/access/pass", base_url=OURS, headers=with_it | {"Origin": PAPER}).status_code == 403


def test_it_ends_with_the_sign_in(browser, session, member, verdict):
    browser.get("/account", base_url=OURS)
    sign_ins.end_all(session, member.id)
    session.commit()

    assert verdict().status_code == 401


def test_a_proxy_that_asks_does_not_take_it(browser, verdict):
    browser.get("/account", base_url=OURS)
    answer = verdict("/access/verify?flag=no_ads")

    # Some proxies hand a refusal on to her browser as it is.
    assert (answer.status_code, answer.headers.get("Set-Cookie")) == (403, None)


def test_signing_out_takes_it(browser):
    browser.get("/account", base_url=OURS)
    token = token_on(browser, "/account", base_url=OURS)
    browser.post("/sign-out", base_url=OURS, data={"csrf_token": token})

    assert browser.get_cookie(NAME, domain="paper.test") is None


def test_what_is_not_ours_is_nobody(app):
    for value in ("", "x", "gAAAAABnonsense", "é", "\x00"):
        sent = {"Cookie": f"{NAME}={value}"}
        assert app.test_client(use_cookies=False).get(ASKED, base_url=OURS, headers=sent).status_code == 401


def test_a_page_that_asks_for_nobody_sets_nothing(app):
    stranger = app.test_client()
    stranger.get("/", base_url=OURS)

    assert stranger.get_cookie(NAME, domain="paper.test") is None
