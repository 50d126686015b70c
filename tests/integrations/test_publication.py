from datetime import timedelta
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from membership_pass import Membership

from demo.publication.app import Paper, create_app
from demo.publication.door import Door, following
from membership.access import service
from membership.access.models import SiteSubject
from membership.access.service import SiteDraft
from membership.clock import utc_now
from membership.subscriptions.models import SubscriptionStatus
from tests.access.asking import sign_in
from tests.factories import make_comp, make_patron, make_subscription

PAPER = "http://localhost"
OPEN, CLOSED = "/articles/the-river-that-was-sold", "/articles/the-quiet-contract"
APPEAL, REMINDER, GATE = 'id="appeal"', 'id="reminder"', 'id="gate"'


@pytest.fixture
def site(session):
    draft = SiteDraft("open-daily", "The Open Daily", PAPER, (PAPER,), (f"{PAPER}/welcome",))
    site, key = service.add_site(session, draft, utc_now())
    session.commit()
    return SimpleNamespace(id=site.id, key=key)


@pytest.fixture
def door(site, settings):
    return Door(Membership(settings.public_url, "open-daily", site.key), PAPER)


@pytest.fixture
def reader(door, settings):
    """A browser on the publication."""
    return create_app(Paper(PAPER, settings.public_url, "a secret of the paper"), door).test_client()


@pytest.fixture
def patron(client, session):
    patron = make_subscription(session).patron
    sign_in(client, session, patron)
    return patron


def come_in(reader, client, back=OPEN):
    """Press "I am already a patron", in a browser that is signed in at Membership or not."""
    parts = urlsplit(reader.get(f"/sign-in?back={back}").location)
    way_back = urlsplit(client.get(f"{parts.path}?{parts.query}").location)
    return reader.get(f"{way_back.path}?{way_back.query}")


def test_a_stranger_reads_and_is_asked(url, reader):
    page = reader.get(OPEN).text

    assert "The river is not mentioned in them once." in page
    assert APPEAL in page
    assert f"{url}/?from=http%3A//localhost/articles/the-river-that-was-sold" in page


def test_a_stranger_sees_the_beginning_of_what_is_for_members_and_an_honest_gate(url, reader):
    page = reader.get(CLOSED).text

    assert GATE in page
    assert "it is a small town." in page
    assert "The first annex added the lifts." not in page


def test_a_patron_comes_back_to_her_article_reads_everything_and_is_not_asked(url, reader, client, patron):
    back = come_in(reader, client, CLOSED)
    closed, opened = reader.get(CLOSED).text, reader.get(OPEN).text

    assert (back.status_code, back.location) == (303, CLOSED)
    assert "The first annex added the lifts." in closed
    assert GATE not in closed
    assert APPEAL not in opened
    assert "You are a patron of this paper." in opened


def test_many_page_views_ask_membership_nothing(url, reader, client, patron):
    come_in(reader, client)
    reader.get(OPEN)
    before = reader.get("/_requests.json").json
    for _ in range(50):
        reader.get(OPEN)

    assert reader.get("/_requests.json").json == before == {"collect": 1, "keys": 1}


def test_a_pass_is_renewed_shortly_before_it_ends_and_once(url, reader, client, patron):
    come_in(reader, client)
    with time_machine.travel(utc_now() + timedelta(minutes=8, seconds=30)):
        pages = [reader.get(CLOSED).text for _ in range(3)]

    assert not any(GATE in page for page in pages)
    assert reader.get("/_requests.json").json["renew"] == 1


def test_a_pass_that_ended_is_renewed_too(url, reader, client, patron):
    come_in(reader, client)
    with time_machine.travel(utc_now() + timedelta(days=2)):
        assert GATE not in reader.get(CLOSED).text


def test_access_that_was_lost_ends_with_the_pass(url, reader, client, session, patron):
    comp = make_comp(session)
    sign_in(client, session, session.get(type(patron), comp.patron_id))
    come_in(reader, client)
    service.revoke_comp(session, comp.patron_id, comp.id, utc_now())
    session.commit()
    with time_machine.travel(utc_now() + timedelta(minutes=11)):
        page = reader.get(CLOSED).text

    assert GATE in page
    assert "I am already a patron" not in page


def test_whoever_supported_the_paper_once_is_thanked(url, reader, client, session):
    old = make_subscription(session, status=SubscriptionStatus.ENDED, ended_at=utc_now()).patron
    sign_in(client, session, old)
    come_in(reader, client)
    page = reader.get(OPEN).text

    assert REMINDER in page
    assert APPEAL not in page


def test_a_late_payment_is_mentioned_and_closes_nothing(url, reader, client, session):
    late = make_subscription(session, status=SubscriptionStatus.PAST_DUE)
    sign_in(client, session, late.patron)
    with time_machine.travel(late.period_ends_at + timedelta(days=1)):
        sign_in(client, session, late.patron)
        come_in(reader, client)

        assert "you read on all the same" in reader.get(OPEN).text
        assert GATE not in reader.get(CLOSED).text


def test_whoever_signed_in_without_giving_is_asked_but_not_to_sign_in(url, reader, client, session):
    sign_in(client, session, make_patron(session))
    come_in(reader, client)
    page = reader.get(OPEN).text

    assert APPEAL in page
    assert "I am already a patron" not in page


def test_when_membership_is_down_articles_stay_open_and_nobody_is_asked(site, reader):
    opened, closed = reader.get(OPEN), reader.get(CLOSED)

    assert (opened.status_code, closed.status_code) == (200, 200)
    assert APPEAL not in opened.text
    assert "Please try again in a minute" in closed.text
    assert reader.get("/_requests.json").json == {"keys": 1}


def test_a_pass_outlives_a_short_outage_and_no_longer(url, reader, client, door, patron):
    come_in(reader, client)
    reader.get(OPEN)
    door._membership.url = "http://localhost:1"
    with time_machine.travel(utc_now() + timedelta(minutes=9)):
        during = reader.get(CLOSED).text
    with time_machine.travel(utc_now() + timedelta(minutes=15)):
        after = reader.get(CLOSED).text

    assert GATE not in during
    assert "Please try again in a minute" in after
    assert reader.get("/_requests.json").json["renew"] == 1


def test_a_reader_whom_membership_does_not_know_any_more_is_forgotten(url, reader, client, session, patron):
    come_in(reader, client)
    session.query(SiteSubject).delete()
    session.commit()
    with time_machine.travel(utc_now() + timedelta(minutes=11)):
        assert "I am already a patron" in reader.get(CLOSED).text


def test_a_key_that_membership_refuses_forgets_nobody(url, reader, client, door, patron):
    come_in(reader, client)
    door._membership._key = "wrong"
    with time_machine.travel(utc_now() + timedelta(minutes=9)):
        assert GATE not in reader.get(CLOSED).text


def test_a_code_for_another_browser_lets_nobody_in(url, reader, client, patron):
    parts = urlsplit(reader.get("/sign-in").location)
    brought = urlsplit(client.get(f"{parts.path}?{parts.query}").location).query
    victim = reader.application.test_client()
    answer = victim.get(f"/welcome?{brought}")

    assert (answer.status_code, answer.location) == (303, "/")
    assert APPEAL in victim.get(OPEN).text


def test_a_code_that_membership_refuses_lets_nobody_in(url, reader):
    state = parse_qs(urlsplit(reader.get("/sign-in").location).query)["state"][0]
    answer = reader.get(f"/welcome?code=guess&state={state}")

    assert answer.status_code == 303
    assert APPEAL in reader.get(OPEN).text


@pytest.mark.parametrize(("page", "headers"), [(CLOSED, {}), (OPEN, {"Sec-Fetch-Site": "same-site"})])
def test_whoever_has_just_joined_is_not_refused_on_her_return(url, reader, client, session, page, headers):
    joining = make_patron(session)
    sign_in(client, session, joining)
    come_in(reader, client)
    before = reader.get(page, headers=headers).text
    make_subscription(session, patron=joining)
    session.commit()
    with time_machine.travel(utc_now() + timedelta(seconds=20)):
        after = reader.get(page, headers=headers).text

    assert GATE in before or APPEAL in before
    assert GATE not in after
    assert APPEAL not in after


def test_leaving_forgets_her_here(url, reader, client, patron):
    come_in(reader, client)
    reader.post("/leave")

    assert APPEAL in reader.get(OPEN).text


@pytest.mark.parametrize("back", ["https://evil.test/", "//evil.test", "/\\evil.test", ""])
def test_nobody_is_sent_elsewhere_after_signing_in(url, reader, client, patron, back):
    assert come_in(reader, client, back).location == "/"


def test_the_front_page_lists_every_article_and_translations_know_each_other(url, reader):
    front, english = reader.get("/").text, reader.get("/articles/a-clinic-without-doctors").text

    assert "The quiet contract" in front
    assert "Амбулаторія, що відкрилася без лікарів" in front
    assert "Читати українською" in english
    assert "Read in English" in reader.get("/articles/a-clinic-without-doctors.uk").text


@pytest.mark.parametrize("path", ["/articles/nothing", "/nothing"])
def test_what_is_not_in_the_paper_is_said_so(url, reader, path):
    answer = reader.get(path)

    assert answer.status_code == 404
    assert "This is not in the paper" in answer.text


def test_pages_run_one_script_and_are_kept_by_no_cache(url, reader):
    page = reader.get(OPEN)

    assert page.text.count("<script") == 1
    assert f'<script src="{url}/embed.js" data-pass="/pass"' in page.text
    assert " style=" not in page.text
    assert page.headers["Content-Security-Policy"].startswith(
        f"default-src 'none'; script-src {url}; connect-src 'self'"
    )
    assert page.headers["Cache-Control"] == "private, no-store"
    with reader.get("/static/paper.css") as style:
        assert "no-store" not in style.headers["Cache-Control"]


def test_the_paper_follows_the_clock_of_the_demonstration(tmp_path):
    ahead = tmp_path / "clock"
    before = following(ahead)() - utc_now().timestamp()
    ahead.write_text("86400")

    assert abs(before) < 5
    assert 86395 < following(ahead)() - utc_now().timestamp() < 86405
    assert abs(following(None)() - utc_now().timestamp()) < 5


def test_the_script_on_the_pages_learns_who_reads_from_the_papers_own_server(url, reader, client, patron):
    stranger = reader.get("/pass").json
    come_in(reader, client)
    told = reader.get("/pass").json

    assert stranger == {"ask": "full"}
    assert told["pass"].count(".") == 2
    assert 590 <= told["expires_in"] <= 600
    assert reader.get("/_requests.json").json == {"collect": 1, "keys": 1}


def test_when_membership_is_down_the_script_is_told_to_ask_nobody(site, reader):
    assert reader.get("/pass").json == {"ask": "none"}
    assert reader.get("/rounds.json").json == {"rounds": []}


def test_the_front_page_tells_of_votes_without_a_request_of_the_browser(url, reader):
    front = reader.get("/").text

    assert '<membership-vote class="votes" lang="en" src="/rounds.json">' in front
    assert reader.get("/rounds.json").json == {"rounds": []}
