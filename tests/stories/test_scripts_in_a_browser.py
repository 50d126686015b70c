"""The two scripts of a vote in a real browser: the piece on the publication's page, and topics put into order."""

import pytest
from playwright.sync_api import expect, sync_playwright

from membership.clock import utc_now
from membership.voting import service
from membership.voting.models import Method, RoundState
from tests.factories import make_patron, make_roll_entry, make_round, make_topic
from tests.voting.test_views import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
MEMBERS, DAILY = "http://localhost", "http://daily.example.org"
ARTICLE = f"""<!doctype html><html lang="en"><title>An article</title>
<div data-membership-votes="{MEMBERS}">Vote with us</div>
<div data-membership-votes="{MEMBERS}/nowhere">Nothing new here</div>
<script src="{MEMBERS}/static/embed-votes.js" defer></script>"""


@pytest.fixture
def page(client):
    """A browser for which the application answers without a server; nobody else does."""

    def answer(route, request):
        if request.url.startswith(DAILY):
            route.fulfill(body=ARTICLE, content_type="text/html")
            return
        path = request.url.removeprefix(MEMBERS)
        with client.get(path, headers={"Origin": DAILY}) as got:
            route.fulfill(status=got.status_code, headers=dict(got.headers), body=got.data)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page()
        page.route("**/*", answer)
        yield page
        browser.close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_vote_stands_on_the_publications_page_and_a_ballot_is_ranked_by_hand_and_by_keys(client, session, page):
    names = ("water", "roads", "schools")
    past = make_round(session, state=RoundState.OPEN, slug="october", title={"en": "October"})
    make_roll_entry(session, past, patron_id=(voter := make_patron(session)).id)
    service.cast_ballot(session, past, voter, past.slugs[:1], utc_now())
    service.close_round(session, past, utc_now(), "staff:1", reason="a test")
    topics = [make_topic(session, slug=name, title={"en": name.title()}) for name in names]
    round = make_round(session, state=RoundState.OPEN, slug="november", method=Method.RANKED, topics=topics)
    make_roll_entry(session, round, patron_id=voter.id)
    chosen = past.topics[0].topic.title["en"]
    session.commit()
    page.goto(f"{DAILY}/articles/a")
    piece = page.locator("[data-membership-votes]").first

    expect(piece).to_contain_text("Water")
    expect(piece).to_contain_text(chosen)
    expect(piece.get_by_role("link", name="See the ballot")).to_have_attribute(
        "href", f"{MEMBERS}/vote/november?lang=en"
    )
    expect(page.locator("[data-membership-votes]").last).to_have_text("Nothing new here")

    sign_in(session, client, voter)
    page.goto(f"{MEMBERS}/vote/november")
    drag(page, 2, above=page.locator(".line"))

    assert numbers(page) == [("schools", "1"), ("water", ""), ("roads", "")]

    page.get_by_role("button", name="Move “Roads” up").press("Enter")
    page.keyboard.press("Enter")

    assert numbers(page) == [("roads", "1"), ("schools", "2"), ("water", "")]
    expect(page.get_by_role("status")).to_have_text("“Roads” is number 1.")
    expect(page.get_by_role("button", name="Move “Roads” up")).to_be_focused()

    page.get_by_role("spinbutton", name="Water").fill("1")
    page.get_by_role("button", name="Move “Schools” down").press("Space")

    assert numbers(page) == [("roads", "1"), ("water", "2"), ("schools", "")]
    expect(page.get_by_role("status")).to_have_text("“Schools” has no rank.")


def drag(page, place, *, above):
    grip, goal = page.locator(".grip").nth(place).bounding_box(), above.bounding_box()
    page.mouse.move(grip["x"] + 5, grip["y"] + 5)
    page.mouse.down()
    page.mouse.move(grip["x"] + 5, goal["y"] + 1, steps=3)
    page.mouse.up()


def numbers(page):
    found = page.eval_on_selector_all("input[type=number]", "all => all.map(one => [one.name, one.value])")
    return [(name.removeprefix("number-"), value) for name, value in found]
