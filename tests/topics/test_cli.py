"""What staff do with topics, from the command line."""

import json
from datetime import timedelta

import pytest

from membership.clock import utc_now
from membership.topics import service
from membership.topics.models import TopicState
from tests.factories import make_topic


@pytest.fixture
def run(app):
    invoke = app.test_cli_runner().invoke
    return lambda *words: invoke(args=["topics", *words], catch_exceptions=False)


def state(session, slug):
    session.rollback()
    return service.get_topic(session, slug).state


def test_a_topic_is_added_for_programs(run):
    answer = run("add", "water", "--title-en", "Water", "--title-uk", "Вода", "--why-en", "It is brown.", "--json")

    told = {"topic": "water", "state": "shortlisted", "title": {"en": "Water", "uk": "Вода"}, "article_url": None}
    assert json.loads(answer.output) == told
    assert run("list").output == "water  shortlisted  0 behind it\n"


def test_before_there_is_a_topic_the_list_says_how_to_add_one(run):
    assert "flask topics add" in run("list").output


def test_suggestions_are_judged(run, session):
    for slug in ("roofs", "again", "spam"):
        make_topic(session, slug=slug, state=TopicState.SUGGESTED)
    session.commit()

    assert "is shown to members" in run("show-to-members", "roofs").output
    assert "can be put on a ballot" in run("shortlist", "roofs").output
    assert "part of roofs now" in run("merge", "again", "--into", "roofs").output
    assert "is declined" in run("decline", "spam", "--reason", "An advertisement").output
    assert run("decline", "spam", "--reason", "Again").exit_code == 1
    assert [state(session, slug) for slug in ("roofs", "again", "spam")] == ["shortlisted", "merged", "declined"]


def test_chosen_topics_are_assigned_published_and_dropped(run, session):
    for slug in ("river", "market"):
        make_topic(session, slug=slug, state=TopicState.CHOSEN)
    session.commit()

    due = f"{utc_now() + timedelta(days=30):%Y-%m-%d}"
    assert "assigned to Daria" in run("assign", "river", "--to", "Daria", "--due", due).output
    assert run("drop", "market", "--reason", "\u200b").exit_code == 1
    assert run("publish", "river", "--url", "https://partner.example/x").exit_code == 1
    assert "is published" in run("publish", "river", "--url", "https://partner.example/x", "--elsewhere").output
    assert "is dropped" in run("drop", "market", "--reason", "The source withdrew.").output


def test_the_rules_are_shown_and_changed(run):
    assert "Suggestions a month: 3" in run("rules").output
    assert run("allow", "circle", "5").exit_code == 0
    changed = run("rules", "--per-month", "2", "--lists-at-once", "--no-comments").output

    assert changed.splitlines() == [
        "Suggestions a month: 2",
        "  circle: 5",
        "Shown to members: at once",
        "Comments: no",
    ]
    assert json.loads(run("rules", "--comments", "--json").output)["has_comments"] is True
    assert json.loads(run("allow", "circle", "--json").output)["per_tier"] == {}
