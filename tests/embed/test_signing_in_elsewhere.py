"""A reader signs in at a site of another origin in a real browser, which holds `form-action` against every redirect."""

import json
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from membership.access import service as access
from membership.access.service import SiteDraft
from membership.clock import utc_now
from tests.access.asking import CHALLENGE
from tests.factories import make_patron
from tests.patrons.signing_in import letters

pytestmark = pytest.mark.browser
OLENA = "olena@example.org"


@pytest.fixture
def site(session, publication):
    """Register a site on another origin than PUBLICATION_URL's; return where its readers come back to."""
    back = f"{publication.origin}/signed-in"
    access.add_site(session, SiteDraft("weekly", "The Weekly", "weekly", (), (back,)), utc_now())
    make_patron(session, email=OLENA, locale="en")
    session.commit()
    publication.pages["/signed-in"] = (200, json.dumps("Welcome back"))
    return back


@pytest.fixture
def page(chromium):
    context = chromium.new_context(locale="en-GB", java_script_enabled=False)
    yield context.new_page()
    context.close()


def ask(page, address, session, drain):
    """Go the site's way to us, and ask for the letter."""
    page.goto(address)
    page.get_by_label("E-mail").fill(OLENA)
    page.get_by_role("button", name="Send me the letter").click()
    expect(page.get_by_label("Code")).to_be_visible()
    drain()
    return letters(session)[0]


def test_a_hand_over_brings_her_back_by_the_code_of_the_letter(page, publication, site, session, drain):
    wish = {"site": "weekly", "return": site, "challenge": CHALLENGE, "state": "s"}
    letter = ask(page, f"{publication.membership}/access/handover?{urlencode(wish)}", session, drain)
    page.get_by_label("Code").fill(letter["code"])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{site}?code=*&state=s")

    expect(page.get_by_text("Welcome back")).to_be_visible()


def test_openid_connect_brings_her_back_by_the_link_of_the_letter(page, publication, site, session, drain):
    wish = {"response_type": "code", "client_id": "weekly", "redirect_uri": site, "scope": "openid", "state": "s"}
    wish |= {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    letter = ask(page, f"{publication.membership}/oidc/authorize?{urlencode(wish)}", session, drain)
    page.goto(f"{publication.membership}/sign-in/{letter['token']}")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{site}?code=*&state=s")

    expect(page.get_by_text("Welcome back")).to_be_visible()
