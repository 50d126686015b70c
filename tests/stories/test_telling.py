"""What became of a topic is told once to everybody who cares, in her language, unless she said no."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from membership.clock import utc_now
from membership.mail.models import Letter
from membership.mail.rendering import compose
from membership.patrons.models import Patron
from membership.patrons.service import stop_letters, wishes_of
from membership.stories.service import telling
from membership.topics import service as topics
from membership.topics.models import TopicState
from membership.topics.rules import Suggestion
from membership.voting import service as voting
from membership.voting.models import RoundState
from tests.conftest import make_settings
from tests.factories import make_member, make_patron, make_roll_entry, make_round, make_topic

URL = "https://publication.test/water"
ACTOR = "patron:editor"


def told(session, drain):
    session.commit()
    drain()
    letters = session.scalars(select(Letter).filter_by(kind="topic_news").order_by(Letter.id)).all()
    found = [(letter.recipient.partition("@")[0], letter.values["state"]) for letter in letters]
    session.commit()
    return found


def follower(session, topic, name):
    patron = make_patron(session, email=f"{name}@example.org")
    topics.follow(session, topic, patron)
    return patron


def test_followers_hear_of_each_step_once(session, drain):
    suggestion = Suggestion("The money for school roofs", "It rains in.", [], "en")
    topic = topics.suggest(session, make_member(session, email="olena@example.org"), suggestion, utc_now())
    follower(session, topic, "taras")
    assert told(session, drain) == []
    topics.shortlist(session, topic, ACTOR)
    assert told(session, drain) == [("olena", "shortlisted"), ("taras", "shortlisted")]
    topics.decline(session, topic, "We wrote about it.", ACTOR)

    assert told(session, drain)[2:] == [("olena", "declined"), ("taras", "declined")]


def test_those_of_a_duplicate_are_told_where_it_went(session, drain):
    first, second = make_topic(session), make_topic(session)
    follower(session, first, "olena")
    follower(session, second, "taras")
    topics.merge(session, first, second.slug, ACTOR)

    assert told(session, drain) == [("olena", "merged")]
    assert session.scalars(select(Letter)).one().values["url"] == f"/topics/{second.slug}"


@pytest.fixture
def round(session):
    topics_of_it = [make_topic(session), make_topic(session)]
    round = make_round(session, state=RoundState.OPEN, topics=topics_of_it)
    for name in ("voter", "absent"):
        patron = make_patron(session, email=f"{name}@example.org")
        make_roll_entry(session, round, patron_id=patron.id)
        topics.follow(session, topics_of_it[0], patron)
        if name == "voter":
            voting.cast_ballot(session, round, patron, round.slugs[:1], utc_now())
    follower(session, topics_of_it[0], "reader")
    return round


def test_who_voted_reads_the_result_elsewhere_and_the_story_here(session, drain, round):
    topic = round.topics[0].topic
    voting.close_round(session, round, utc_now(), "clock", reason="a test")
    assert told(session, drain) == [("absent", "chosen"), ("reader", "chosen")]
    topics.assign(session, topic, "Daria", (utc_now() + timedelta(days=9)).date(), today=utc_now().date(), actor=ACTOR)
    topics.publish(session, topic, URL, ACTOR)
    later = told(session, drain)[2:]

    assert later == [(name, state) for state in ("assigned", "published") for name in ("voter", "absent", "reader")]
    assert session.scalars(select(Letter).filter_by(kind="topic_news")).all()[-1].values["url"] == URL


def test_who_is_on_the_roll_is_not_told_twice_that_there_is_a_ballot(session, drain):
    topic, member = make_topic(session), make_member(session, email="member@example.org")
    topics.follow(session, topic, member)
    follower(session, topic, "reader")
    voting.open_round(session, make_round(session, topics=[topic, make_topic(session)]), utc_now(), ACTOR)

    assert told(session, drain) == [("reader", "on_ballot")]


def test_who_wants_no_stories_gets_none(session, drain):
    topic = make_topic(session, state=TopicState.CHOSEN)
    patron = follower(session, topic, "olena")
    stop_letters(session, wishes_of(session, [patron])[patron.id].token, ["stories"])
    topics.drop(session, topic, "No source", ACTOR)

    assert told(session, drain) == []


def test_who_wants_no_stories_gets_no_result(session, drain, round):
    voter = next(patron for patron in session.scalars(select(Patron)) if patron.email == "voter@example.org")
    stop_letters(session, wishes_of(session, [voter])[voter.id].token, ["stories"])
    voting.close_round(session, round, utc_now(), "clock", reason="a test")
    session.commit()
    drain()

    assert session.scalars(select(Letter).filter_by(kind="round_result")).all() == []


def test_many_are_told_some_at_a_time(session, drain, monkeypatch):
    monkeypatch.setattr(telling, "BATCH", 2)
    topic = make_topic(session, state=TopicState.CHOSEN)
    for number in range(5):
        follower(session, topic, f"reader{number}")
    topics.drop(session, topic, "No source", ACTOR)

    assert len(told(session, drain)) == 5


@pytest.mark.parametrize("locale", ["en", "uk"])
@pytest.mark.parametrize("state", [state for state in TopicState if state is not TopicState.SUGGESTED])
def test_every_step_can_be_said(state, locale):
    values = {
        "topic_title": {"en": "Water", "uk": "Вода"},
        "state": state.value,
        "reason": "The source withdrew.",
        "url": "/topics/water",
        "stop_url": "/letters/stop/abc",
    }
    if state is TopicState.ASSIGNED:
        values["due_at"] = "2026-12-03T12:00:00+00:00"
    words = compose("topic_news", locale, values, make_settings())

    assert ("Вода" if locale == "uk" else "Water") in words.subject
    assert "http://localhost/topics/water" in words.text
    assert "http://localhost/letters/stop/abc" in words.text
    assert ("The source withdrew." in words.text) is (state in {TopicState.DECLINED, TopicState.DROPPED})
    assert not [sign for sign in ("{", "}}", "%(", "2026-12") if sign in words.text + words.subject]
    assert words.stop_url == "http://localhost/letters/stop/abc"
