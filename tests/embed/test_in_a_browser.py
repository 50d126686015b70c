"""The script in a real browser, on a page with the strictest policy that a publication can have."""

import json
import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from sqlalchemy import select

from membership.access.models import AppealRest
from membership.clock import utc_now
from membership.patrons.login import KEPT_AS
from membership.patrons.service import sign_ins
from membership.voting.models import RoundState
from tests.factories import make_comp, make_patron, make_round, make_tier, numbers
from tests.staff.looking import look

pytestmark = pytest.mark.browser

APPEAL = '<membership-appeal hidden from="/articles/river"></membership-appeal>'
GATE = "<membership-gate><p>Only the beginning.</p><template><p>All the rest.</p></template></membership-gate>"
RIVER = "{}/articles/river"
VOTE = "<membership-vote hidden></membership-vote>"
REFUSED = "Failed to load resource: the server responded with a status of 401 (UNAUTHORIZED)"


@pytest.fixture
def sign_in(client, session, page, publication):
    """Sign a patron in at Membership, in the browser."""

    def done(patron):
        token = sign_ins.begin(session, patron)
        session.commit()
        with client.session_transaction() as kept:
            kept[KEPT_AS] = token
        cookie = client.get_cookie("membership")
        page.context.add_cookies(
            [{"name": "membership", "value": cookie.value, "url": publication.membership, "httpOnly": True}]
        )

    return done


@pytest.fixture
def member(session, sign_in):
    patron = make_patron(session)
    tier = make_tier(session, flags=["paywall_free", "no_appeals", "no_ads"])
    make_comp(session, patron_id=patron.id, tier_id=tier.id)
    sign_in(patron)


def read(page, publication, body=APPEAL + GATE):
    publication.body = body
    page.goto(f"{publication.origin}/articles/river?secret={next(numbers)}")
    page.locator("html[data-membership-state]").wait_for(state="attached")


def marks(page):
    return page.evaluate(
        "(({membershipState, membershipFlags, membershipAsk}) => "
        "[membershipState, membershipFlags, membershipAsk])(document.documentElement.dataset)"
    )


def test_a_stranger_is_asked_and_the_gate_is_closed(page, publication, asked):
    read(page, publication)

    expect(page.get_by_role("region", name="Keep this reporting open to everyone")).to_be_visible()
    expect(page.get_by_role("region", name="The rest is for members")).to_be_visible()
    expect(page.get_by_text("Only the beginning.")).to_be_visible()
    assert page.get_by_text("All the rest.").count() == 0
    assert marks(page) == ["none", "", "full"]
    assert page.complaints == [REFUSED]
    assert Axe().run(page).violations_count == 0


def test_a_member_reads_all_and_is_not_asked(page, publication, member):
    read(page, publication)

    expect(page.get_by_text("All the rest.")).to_be_visible()
    expect(page.get_by_role("region")).to_have_count(0)
    assert marks(page) == ["active", "no_ads no_appeals paywall_free", "none"]
    assert page.complaints == []
    assert page.evaluate("document.cookie") == ""


def test_no_address_of_a_page_is_told_and_one_request_lasts_as_long_as_the_pass(page, publication, member, asked):
    for _ in range(5):
        read(page, publication)

    assert [path for path, _ in asked] == ["/embed.js", "/access/pass"]
    assert all("articles" not in str(sent) and "secret" not in str(sent) for path, sent in asked)
    assert "referer" not in asked[1][1]


def test_a_stranger_too_costs_one_request_until_she_goes_to_membership(page, publication, asked):
    read(page, publication)
    read(page, publication)
    assert [path for path, _ in asked].count("/access/pass") == 1

    page.get_by_role("link", name="Support our reporting").click()
    assert [sent.get("referer") for path, sent in asked if path == "/"] == [None]
    assert (
        page.url == f"{publication.membership}/?{urlencode({'lang': 'en', 'from': RIVER.format(publication.origin)})}"
    )
    read(page, publication)

    assert [path for path, _ in asked].count("/access/pass") == 2


def kept_for(page):
    return page.evaluate("JSON.parse(localStorage['membership:decision']).until - Date.now() / 1000")


def test_while_she_is_at_membership_in_another_tab_nothing_is_kept_for_long(page, publication):
    read(page, publication)
    before = kept_for(page)
    with page.context.expect_page():
        page.get_by_role("link", name="Support our reporting").click(modifiers=["ControlOrMeta"])
    read(page, publication)

    assert (before > 500, kept_for(page) <= 10) == (True, True)


def test_the_way_in_leads_back_to_the_article_in_its_language(page, publication):
    publication.language = "uk"
    read(page, publication)
    back = f"/access/back?{urlencode({'to': RIVER.format(publication.origin)})}"
    way = f"{publication.membership}/sign-in?{urlencode({'lang': 'uk', 'next': back})}"

    expect(page.get_by_role("region", name="Нехай").get_by_role("link", name="Я вже патрон")).to_have_attribute(
        "href", way
    )


def test_later_means_later(page, publication, session, sign_in, asked):
    sign_in(make_patron(session))
    read(page, publication)
    page.get_by_role("button", name="Remind me later").click()
    while "/access/later" not in [path for path, _ in asked]:
        page.wait_for_timeout(20)
    expect(page.get_by_text("We will not ask again for a month.")).to_be_focused()
    read(page, publication)

    assert marks(page)[2] == "none"
    assert page.get_by_role("region", name="Keep this").count() == 0
    assert len(look(session, select(AppealRest))) == 1


def test_when_membership_is_away_nobody_is_asked_and_what_is_closed_stays_closed(page, publication):
    publication.attributes = 'data-pass="http://localhost:1/pass"'
    read(page, publication, APPEAL + GATE)

    assert marks(page) == ["unknown", "", "none"]
    assert page.get_by_role("region", name="Keep this").count() == 0
    expect(page.get_by_text("Please try again in a minute.")).to_be_visible()
    assert page.get_by_text("All the rest.").count() == 0
    expect(page.get_by_text("Words.")).to_be_visible()


def test_a_site_elsewhere_gives_the_pass_itself(page, publication, asked):
    claims = "eyJzdGF0ZSI6ImVuZGVkIiwiZmxhZ3MiOltdLCJhc2siOiJzb2Z0In0"  # {"state":"ended","flags":[],"ask":"soft"}
    publication.pages["/pass"] = (200, json.dumps({"pass": f"a.{claims}.c", "expires_in": 600}))
    publication.attributes, publication.language = 'data-pass="/pass"', "uk"
    read(page, publication, '<membership-appeal hidden sign-in="/sign-in"></membership-appeal>')

    expect(page.get_by_role("region", name="Колись ви вже тримали це відкритим")).to_be_visible()
    expect(page.get_by_role("link", name="Я вже патрон")).to_have_attribute("href", "/sign-in")
    assert [path for path, _ in asked] == ["/embed.js"]
    assert page.complaints == []


def test_words_and_styles_are_the_sites_own(page, publication):
    read(
        page, publication, "<membership-appeal hidden><span slot=title>Stay</span><p>Our words.</p></membership-appeal>"
    )

    expect(page.get_by_role("region", name="Stay")).to_be_visible()
    expect(page.get_by_text("Our words.")).to_be_visible()
    expect(page.get_by_text("You can read this because readers pay for it.")).to_be_hidden()
    parts = page.evaluate(
        "[...document.querySelector('membership-appeal').shadowRoot.querySelectorAll('[part]')]"
        ".map(one => one.part.value)"
    )
    assert {"box", "title", "ways", "press", "link", "later"} <= set(parts)


def test_the_vote_and_its_result_are_told_without_asking_who_reads(page, publication, session, asked):
    make_round(session, state=RoundState.OPEN, closes_at=utc_now() + timedelta(days=3))
    session.commit()
    publication.language = "uk"
    read(page, publication, VOTE)

    expect(page.get_by_text(re.compile(r"Учасники голосують до .+ \d\d:\d\d (UTC|GMT.*)\."))).to_be_visible()
    rounds = [sent for path, sent in asked if path == "/api/v1/rounds"]
    read(page, publication, VOTE)
    assert [path for path, _ in asked].count("/api/v1/rounds") == 1
    assert "cookie" not in rounds[0]
    assert "referer" not in rounds[0]


def test_a_result_names_what_was_chosen(page, publication):
    topics = [{"topic": "a", "title": {"en": "Water"}}, {"topic": "b", "title": {"en": "Roofs"}}]
    round = {
        "round": "may",
        "title": {"en": "May"},
        "is_open": False,
        "chosen": ["b"],
        "topics": topics,
        "url": "/vote/may",
    }
    publication.pages["/rounds"] = (200, json.dumps({"rounds": [round]}))
    read(page, publication, '<membership-vote hidden src="/rounds" round="may"></membership-vote>')

    expect(page.get_by_role("listitem")).to_have_text(["Roofs"])
    expect(page.get_by_role("link", name="See the result")).to_be_visible()
    read(page, publication, '<membership-vote hidden src="/rounds" round="june"></membership-vote>')
    assert page.get_by_role("region").count() == 0
