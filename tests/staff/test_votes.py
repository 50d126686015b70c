"""Votes prepared, opened and closed; sealed for the newsroom too until they close."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from membership.audit.models import AuditEntry
from membership.clock import utc_now
from membership.tiers.service import define_flag
from membership.voting import service
from membership.voting.models import Ballot, RollEntry, Round, RoundState
from membership.voting.rules import Method, Terms
from tests.browsing import post
from tests.factories import (
    make_patron,
    make_price,
    make_roll_entry,
    make_round,
    make_subscription,
    make_tier,
    make_topic,
)
from tests.staff.looking import acts, look

RECEIPT = "AAAA-BBBB-CCCC-DDDD"
OPENS = (utc_now() + timedelta(days=30)).replace(hour=9, minute=0, tzinfo=None)
DRAFT = {
    "title": "What next?",
    "title_uk": "Що далі?",
    "slug": "winter",
    "intro": "Choose well",
    "seats": "1",
    "opens_at": f"{OPENS:%Y-%m-%dT%H:%M}",
    "closes_at": f"{OPENS + timedelta(days=10):%Y-%m-%dT%H:%M}",
}


@pytest.fixture
def topics(session):
    found = [make_topic(session) for _ in range(3)]
    session.commit()
    return [topic.slug for topic in found]


def rounds(session):
    return look(session, select(Round))


def test_before_there_is_anything_the_page_says_how_to_begin(viewer, editor):
    text = viewer.get("/staff/votes").text

    assert "There is no vote yet." in text
    assert "Prepare a vote" not in text
    assert "Prepare a vote" in editor.get("/staff/votes").text
    assert "A vote needs at least two topics" in editor.get("/staff/votes/new").text


def test_a_vote_is_prepared_in_the_time_of_the_publication(editor, session, topics):
    answer = post(editor, "/staff/votes/new", {**DRAFT, "topics": topics})

    assert (answer.status_code, answer.location) == (303, "/staff/votes/rounds/winter")
    (round,) = rounds(session)
    assert round.opens_at == OPENS.replace(second=0, microsecond=0, tzinfo=ZoneInfo("Europe/Kyiv"))
    assert (round.slugs, round.title) == (topics, {"en": "What next?", "uk": "Що далі?"})
    assert acts(session) == ["round.created"]
    assert f"Prepared; it opens by itself on {OPENS.day} {OPENS:%B %Y}, 09:00" in editor.get(answer.location).text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"title": ""}, "Please write a title in English."),
        ({"slug": "Winter!"}, "small Latin letters"),
        ({"seats": "many"}, "must be at least one"),
        ({"seats": "3"}, "must be at least one"),
        ({"opens_at": ""}, "Please choose a day and a time"),
        ({"closes_at": "0001-01-01T00:00"}, "Please choose a day and a time"),
        ({"closes_at": "9999-12-31T10:00"}, "must close within a year"),
        ({"closes_at": DRAFT["opens_at"]}, "must close after it opens"),
        ({"topics": []}, "at least two topics"),
    ],
)
def test_a_form_that_is_not_right_keeps_what_was_typed(editor, session, topics, wrong, said):
    answer = post(editor, "/staff/votes/new", {**DRAFT, "topics": topics, **wrong})

    assert answer.status_code == 400
    assert said in answer.text
    assert "Choose well" in answer.text
    assert answer.text.count("checked") == (1 if "topics" in wrong else 4)
    assert rounds(session) == []


def test_a_short_name_that_is_taken_is_refused(editor, session, topics):
    round = make_round(session)
    session.commit()

    answer = post(editor, "/staff/votes/new", {**DRAFT, "slug": round.slug, "topics": topics})

    assert answer.status_code == 409
    assert "This short name is taken." in answer.text


def test_a_vote_is_opened_from_a_page_that_says_who_may_vote(editor, session):
    make_subscription(session)
    round = make_round(session)
    session.commit()
    address = f"/staff/votes/rounds/{round.slug}/open"
    assert "1 member who holds a vote at this moment may vote" in editor.get(address).text

    answer = post(editor, address)

    assert answer.status_code == 303
    assert rounds(session)[0].state is RoundState.OPEN
    assert acts(session) == ["round.opened"]
    assert "1 member may vote." in editor.get(answer.location).text
    assert "This vote has been opened already" in editor.get(address).text


def test_a_vote_that_nobody_could_take_part_in_stays_closed(editor, session):
    round = make_round(session)
    session.commit()

    answer = post(editor, f"/staff/votes/rounds/{round.slug}/open")

    assert answer.status_code == 409
    assert rounds(session)[0].state is RoundState.DRAFT


@pytest.fixture
def running(session):
    round = make_round(session, state=RoundState.OPEN)
    entry = make_roll_entry(session, round, voted_at=utc_now(), confirmed_at=utc_now())
    marks = [round.topics[1].topic.slug]
    session.add(Ballot(round_id=round.id, roll_entry_id=entry.id, receipt=RECEIPT, weight=1, marks=marks))
    session.commit()
    return round


def test_nobody_sees_how_an_open_vote_stands(admin, running, session):
    pages = [
        f"/staff/votes/rounds/{running.slug}",
        f"/staff/votes/rounds/{running.slug}/close",
        "/staff/votes",
        "/staff",
    ]
    before = [admin.get(page).text for page in pages]
    session.scalars(select(Ballot)).one().marks = [running.topics[2].topic.slug]
    session.commit()

    after = [admin.get(page).text for page in pages]

    assert [_steady(page) for page in before] == [_steady(page) for page in after]
    assert not any(RECEIPT in page or "results" in page for page in after)


def _steady(page):
    return [line for line in page.splitlines() if "csrf_token" not in line and "as of" not in line]


def test_a_vote_is_closed_with_a_reason_and_counted(editor, session, running):
    address = f"/staff/votes/rounds/{running.slug}/close"
    assert "The link from every ballot to its voter is cut for good." in editor.get(address).text

    answer = post(editor, address, {"reason": "The matter is urgent"})

    assert answer.status_code == 303
    (round,) = rounds(session)
    assert (round.state, round.chosen) == (RoundState.PUBLISHED, [running.topics[1].topic.slug])
    assert acts(session) == ["round.closed"]
    assert look(session, select(AuditEntry.details))[0]["reason"] == "The matter is urgent"
    assert "Why it closed earlier: The matter is urgent" in editor.get(f"/vote/{running.slug}/results").text
    text = editor.get(f"/staff/votes/rounds/{running.slug}").text
    assert f"/vote/{running.slug}/results" in text
    assert "· chosen" in text
    assert "This vote is not open" in editor.get(address).text


def test_a_vote_is_counted_when_those_who_voted_last_have_their_receipts(editor, session, running):
    session.execute(update(RollEntry).values(confirmed_at=None))
    session.commit()
    page = f"/staff/votes/rounds/{running.slug}"
    post(editor, f"{page}/close", {"reason": "The matter is urgent"})
    text = editor.get(page).text

    assert rounds(session)[0].state is RoundState.OPEN
    assert text.count("it is counted within a minute") == 2
    assert "Close it now" not in text
    assert "Why it closed earlier: The matter is urgent" in editor.get(f"/vote/{running.slug}/results").text
    assert "This vote is not open" in editor.get(f"{page}/close").text


def test_a_vote_is_not_closed_without_a_reason(editor, session, running):
    answer = post(editor, f"/staff/votes/rounds/{running.slug}/close", {"reason": " "})

    assert answer.status_code == 400
    assert rounds(session)[0].state is RoundState.OPEN


def test_an_unknown_vote_is_not_there(editor):
    assert editor.get("/staff/votes/rounds/nothing").status_code == 404
    assert editor.get("/staff/votes/rounds/nothing/open").status_code == 404


def test_a_vote_closes_when_its_time_is_over_whatever_the_page_says(editor, session):
    round = make_round(session, opens_at=utc_now() - timedelta(days=3), closes_at=utc_now() - timedelta(days=1))
    session.commit()

    assert post(editor, f"/staff/votes/rounds/{round.slug}/open").status_code == 409


SIGNED = {"is_signed": "1", "is_live": "1", "is_open_roll": "1", "flags": "vote, council", "min_months": "2"}


@pytest.mark.parametrize(
    ("more", "terms"),
    [
        (
            {"method": "ranked", "quorum_percent": "20", "hold_hours": "12"},
            Terms(method=Method.RANKED, quorum_percent=20, hold_hours=12),
        ),
        ({"method": "dots", "budget": "10"}, Terms(method=Method.DOTS, budget=10)),
        ({"method": "score", "top_score": "5"}, Terms(method=Method.SCORE, top_score=5)),
        ({"method": "single", "budget": "10"} | SIGNED, Terms(method=Method.SINGLE, is_anonymous=False, is_live=True)),
    ],
)
def test_a_vote_is_prepared_with_its_method_and_its_roll(editor, session, topics, more, terms):
    tier = make_tier(session, slug="patron")
    define_flag(session, "council", {"en": "Sits on the council"})
    session.commit()
    form = {**DRAFT, "topics": topics, **more, "tiers": [tier.slug], "weight-patron": "2"}
    answer = post(editor, "/staff/votes/new", form)
    (round,) = rounds(session)

    assert answer.status_code == 303
    assert round.terms == terms
    assert (round.tiers, round.weights) == (["patron"], {"patron": 2})
    assert round.is_open_roll == ("is_open_roll" in more)
    assert round.flags == (["vote", "council"] if "flags" in more else ["vote"])


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"method": "shouting"}, "choose how members vote"),
        ({"method": "dots"}, "needs a number of dots"),
        ({"method": "score", "top_score": "11"}, "needs a highest score"),
        ({"quorum_percent": "all"}, "The quorum is a share"),
        ({"hold_hours": "999"}, "can be held back"),
        ({"min_months": "x"}, "for how many months"),
        ({"weight-patron": "4"}, "A vote weighs from one to three."),
    ],
)
def test_terms_that_are_not_right_are_said_at_their_field(editor, session, topics, wrong, said):
    make_tier(session, slug="patron")
    session.commit()
    answer = post(editor, "/staff/votes/new", {**DRAFT, "topics": topics, **wrong})

    assert answer.status_code == 400
    assert said in answer.text


def test_a_pattern_fills_the_form_in(editor, topics):
    text = editor.get("/staff/votes/new?pattern=dots").text

    assert "Ten dots to share out" in text
    assert 'value="10"' in text
    assert 'value="dots" checked' in text
    assert 'value="dots" checked' not in editor.get("/staff/votes/new?pattern=none").text


def test_a_guest_is_invited_to_a_draft_once(editor, session):
    round = make_round(session)
    session.commit()
    address = f"/staff/votes/rounds/{round.slug}/guests"
    first = post(editor, address, {"email": "guest@example.org", "reason": "Knows the river"})
    again = post(editor, address, {"email": "guest@example.org", "reason": "Knows the river"})
    without = post(editor, address, {"email": "guest@example.org"})

    assert (first.status_code, again.status_code, without.status_code) == (303, 409, 400)
    assert "guest@example.org" in editor.get(first.location).text
    assert "need not be a member" in editor.get(address).text

    [removal] = re.findall(rf"{address}/[^/]+/remove", editor.get(address).text)
    gone = post(editor, removal, page=address)

    assert (gone.status_code, gone.location) == (303, address)
    assert "guest@example.org" not in editor.get(address).text
    assert acts(session) == ["round.guest", "round.guest_removed"]


def test_before_it_opens_staff_read_who_may_vote_with_what_weight_and_who_sees_it_stand(editor, session):
    tier = make_tier(session, slug="friend", name={"en": "Friend"}, vote_weight=2)
    make_subscription(session, price=make_price(session, tier=tier))
    guest = make_patron(session)
    for fields in ({"slug": "sealed"}, {"slug": "live", "is_live": True, "is_open_roll": True}):
        service.invite_guest(session, make_round(session, **fields), guest, reason="x", actor="staff:1")
    session.commit()
    sealed, live = (editor.get(f"/staff/votes/rounds/{slug}/open").text for slug in ("sealed", "live"))

    assert "1 member who holds a vote at this moment may vote." in sealed
    assert "1 guest of the newsroom may vote too." in sealed
    assert "Whoever joins later waits for the next one." in sealed
    assert "Nobody sees how the vote stands until it closes" in sealed
    assert "Friend: 2." in sealed
    assert "Friend: 2." in editor.get("/staff/votes/rounds/sealed").text
    assert "Everybody sees how it stands while it is open" in live
    assert "Nobody sees" not in live
    assert "Who joins while it is open may vote too." in live
    assert "/vote/live/results" not in live


def test_guests_are_not_counted_as_members_nor_who_was_struck_off(editor, session):
    round = make_round(session, state=RoundState.OPEN)
    make_roll_entry(session, round, tier="friend")
    make_roll_entry(session, round, tier="friend", struck_at=utc_now(), struck_why="x")
    make_roll_entry(session, round, tier=None)
    session.commit()
    text = editor.get(f"/staff/votes/rounds/{round.slug}").text

    assert "; 1 member may vote." in text
    assert "1 guest of the newsroom may vote too." in text


def test_what_cannot_be_changed_any_more_is_said_to_staff_and_not_to_a_voter(editor, session):
    round = make_round(session, state=RoundState.OPEN, closes_at=utc_now() - timedelta(seconds=1))
    session.commit()
    address = f"/staff/votes/rounds/{round.slug}/extend"
    answer = post(editor, address, {"closes_at": DRAFT["closes_at"], "reason": "x"})

    assert (answer.status_code, "The closing time of this vote has passed already." in answer.text) == (409, True)


def test_a_vote_whose_topic_is_taken_meanwhile_is_said_to_be_stuck(editor, session):
    topic = make_topic(session, title={"en": "The river"})
    round = make_round(session, topics=[topic, make_topic(session)])
    make_round(session, state=RoundState.OPEN, topics=[topic, make_topic(session)])
    session.commit()
    text = editor.get(f"/staff/votes/rounds/{round.slug}/open").text

    assert "This vote cannot open yet" in text
    assert "The river</a>, on a ballot" in text
    assert '<form method="post">' not in text


def test_a_vote_is_made_longer_openly(editor, session):
    round = make_round(session, state=RoundState.OPEN)
    session.commit()
    address = f"/staff/votes/rounds/{round.slug}/extend"
    early = post(editor, address, {"closes_at": "2020-01-01T10:00", "reason": "x"})
    done = post(editor, address, {"closes_at": DRAFT["closes_at"], "reason": "The letters were late"})

    assert (early.status_code, done.status_code) == (400, 303)
    assert "must be later" in early.text
    assert "The letters were late" in editor.get(done.location).text
    assert "Members were told" in editor.get(address).text
    assert acts(session) == ["round.extended"]


def test_a_result_that_is_held_back_is_published_by_hand(editor, session):
    round = make_round(session, state=RoundState.OPEN, hold_hours=24)
    session.flush()
    service.close_round(session, round, utc_now(), "staff:1", reason="a test")
    session.commit()
    page = f"/staff/votes/rounds/{round.slug}"
    before = editor.get(page).text
    answer = post(editor, f"{page}/publish", {})

    assert "Publish the result now" in before
    assert answer.status_code == 303
    assert "See the results" in editor.get(page).text
