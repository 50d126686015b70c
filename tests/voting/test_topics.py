"""Topics: brought in, chosen, reported."""

import pytest

from membership.clock import utc_now
from membership.voting import service
from membership.voting.errors import (
    ArticleUnreadable,
    SlugTaken,
    SlugUnreadable,
    TitleMissing,
    TopicNotChosen,
    UnknownTopic,
)
from membership.voting.models import RoundState, TopicState
from tests.factories import make_patron, make_roll_entry, make_round, make_topic

URL = "https://daily.example/water"


def create(session, slug="water", title="Water"):
    return service.create_topic(session, slug, title={"en": title}, why={"en": "It is brown."}, actor="staff:1")


def closed(session, topics):
    round, patron = make_round(session, state=RoundState.OPEN, topics=topics), make_patron(session)
    make_roll_entry(session, round, patron_id=patron.id)
    service.cast_ballot(session, round, patron, [topics[0].slug], utc_now())
    service.close_round(session, round, utc_now(), "staff:1")
    return round


def test_a_new_topic_waits_on_the_shortlist(session):
    topic = create(session)

    assert service.get_topic(session, "water") == topic
    assert topic.state is TopicState.SHORTLISTED
    assert service.list_topics(session) == [topic]


@pytest.mark.parametrize(("fields", "refusal"), [({"slug": "W"}, SlugUnreadable), ({"title": ""}, TitleMissing)])
def test_a_topic_needs_a_short_name_and_a_title(session, fields, refusal):
    with pytest.raises(refusal):
        create(session, **fields)


def test_two_topics_cannot_have_the_same_name(session):
    create(session)

    with pytest.raises(SlugTaken):
        create(session)


@pytest.mark.parametrize("slug", ["nothing", "\x00"])
def test_an_unknown_topic_is_refused(session, slug):
    with pytest.raises(UnknownTopic):
        service.get_topic(session, slug)


def test_a_chosen_topic_is_answered_with_an_article(session):
    topics = [make_topic(session) for _ in range(2)]
    round = closed(session, topics)
    service.set_outcome(session, topics[0], URL, "staff:1")

    assert (topics[0].state, topics[0].article_url) == (TopicState.PUBLISHED, URL)
    assert service.list_reported(session) == [(topics[0], round)]


def test_an_article_s_address_can_be_corrected(session):
    topic = make_topic(session, state=TopicState.PUBLISHED)
    service.set_outcome(session, topic, URL, "staff:1")

    assert topic.article_url == URL


def test_a_report_is_listed_under_the_round_that_chose_it(session):
    first = [make_topic(session) for _ in range(2)]
    closed(session, first)
    later = closed(session, [first[1], make_topic(session)])
    service.set_outcome(session, first[1], URL, "staff:1")

    assert service.list_reported(session) == [(first[1], later)]


def test_a_topic_that_was_not_chosen_is_not_answered(session):
    with pytest.raises(TopicNotChosen):
        service.set_outcome(session, make_topic(session), URL, "staff:1")


def test_an_article_needs_an_address_that_leads_somewhere(session):
    with pytest.raises(ArticleUnreadable):
        service.set_outcome(session, make_topic(session, state=TopicState.CHOSEN), "javascript:1", "staff:1")
