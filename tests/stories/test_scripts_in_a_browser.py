"""The two scripts of a vote in a real browser: the piece on the publication's page, and topics dragged into order."""

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
def test_the_vote_stands_on_the_publications_page_and_a_ballot_is_ranked_by_dragging(client, session, page):
    names = ("water", "roads", "schools")
    past = make_round(session, state=RoundState.OPEN, slug="october", title={"en": "October"})
    make_roll_entry(session, past, patron_id=(voter := make_patron(session)).id)
    service.cast_ballot(session, past, voter, past.slugs[:1], utc_now())
    service.close_round(session, past, utc_now(), "staff:1")
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
    last, first = (page.locator(".grip").nth(place).bounding_box() for place in (2, 0))
    page.mouse.move(last["x"] + 5, last["y"] + 5)
    page.mouse.down()
    page.mouse.move(first["x"] + 5, first["y"] + 1, steps=12)
    page.mouse.up()
    numbers = page.eval_on_selector_all("input[type=number]", "all => all.map(one => [one.name, one.value])")

    assert numbers == [["number-schools", "1"], ["number-water", ""], ["number-roads", ""]]
