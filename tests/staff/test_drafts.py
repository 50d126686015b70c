"""Votes that are prepared: why one could not open, other times, and deleting."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from membership.clock import utc_now
from membership.voting.models import Round, RoundState
from tests.browsing import post
from tests.factories import make_round
from tests.staff.looking import acts, look
from tests.staff.test_votes import DRAFT

WHY = {
    "RollEmpty": "Nobody could have voted",
    "TopicTaken": "One of its topics is on another ballot",
    "RoundOver": "Its closing time had passed",
}


def unopened(session, why="RollEmpty"):
    round = make_round(session, opening_failed_at=utc_now(), opening_failure=why)
    session.commit()
    return f"/staff/votes/rounds/{round.slug}"


@pytest.mark.parametrize("why", WHY)
def test_why_a_vote_could_not_open_is_said_with_what_to_do(editor, session, why):
    page = unopened(session, why)
    text = editor.get(page).text

    assert WHY[why] in text
    assert "It will not open by itself any more" in text
    assert f'href="{page}/times"' in text
    assert "could not open" in editor.get("/staff/votes").text


def test_a_vote_that_could_not_open_is_set_to_another_time(editor, session):
    page = unopened(session)
    times = {name: DRAFT[name] for name in ("opens_at", "closes_at")}
    early = post(editor, f"{page}/times", times | {"opens_at": "2020-01-01T10:00"})
    done = post(editor, f"{page}/times", times)

    assert (early.status_code, done.status_code) == (400, 303)
    assert "The opening time has passed already" in early.text
    assert 'value="2020-01-01T10:00"' in early.text
    assert "opens by itself" in editor.get(page).text
    assert acts(session) == ["round.times_set"]
    assert f'value="{DRAFT["opens_at"]}"' in editor.get(f"{page}/times").text


def test_a_vote_is_deleted_from_a_page_that_says_what_that_means(editor, session):
    page = unopened(session)
    assert "can be put on other ballots" in editor.get(f"{page}/delete").text

    answer = post(editor, f"{page}/delete")

    assert (answer.status_code, answer.location) == (303, "/staff/votes")
    assert look(session, select(Round)) == []
    assert "Its topics are free" in editor.get("/staff/votes").text


def test_a_vote_that_has_opened_keeps_its_times_and_stays(editor, session):
    page = f"/staff/votes/rounds/{make_round(session, state=RoundState.OPEN).slug}"
    session.commit()

    assert "Only a vote that has not opened" in editor.get(f"{page}/delete").text
    assert "has been opened already" in editor.get(f"{page}/times").text
    assert post(editor, f"{page}/delete").status_code == 409


def test_an_opening_time_that_has_passed_and_unknown_tiers_are_said_at_their_fields(editor, session):
    topics = [entry.topic.slug for entry in make_round(session).topics]
    session.commit()
    early = (utc_now() - timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    for wrong, said in (
        ({"opens_at": early}, 'id="opens_at-error">The opening time has passed'),
        ({"tiers": ["gold"]}, 'id="weights-error">There is no tier “gold”.'),
        ({"flags": "moon"}, 'id="flags-error">The newsroom has defined no flag “moon”.'),
    ):
        answer = post(editor, "/staff/votes/new", {**DRAFT, "topics": topics, **wrong})

        assert (answer.status_code, said in answer.text) == (400, True)
