"""Topics in a vote: put on a ballot, chosen, reported."""

from sqlalchemy import select

from membership.clock import utc_now
from membership.topics import service as topic_service
from membership.topics.models import TopicState, TopicStep
from membership.voting import service
from membership.voting.models import RoundState
from tests.factories import make_patron, make_roll_entry, make_round, make_subscription, make_topic

URL = "https://daily.example/water"


def closed(session, topics):
    round, patron = make_round(session, state=RoundState.OPEN, topics=topics), make_patron(session)
    make_roll_entry(session, round, patron_id=patron.id)
    service.cast_ballot(session, round, patron, [topics[0].slug], utc_now())
    service.close_round(session, round, utc_now(), "staff:1", reason="a test")
    return round


def test_every_step_of_a_vote_is_written_down_with_its_topics(session):
    make_subscription(session)
    round = make_round(session)
    service.open_round(session, round, utc_now(), "staff:1")
    service.close_round(session, round, utc_now(), "clock", reason="a test")
    steps = session.scalars(select(TopicStep).order_by(TopicStep.topic_id, TopicStep.id)).all()

    assert [step.state for step in steps] == [TopicState.ON_BALLOT, TopicState.NOT_CHOSEN] * 3
    assert {step.actor for step in steps} == {"staff:1", "clock"}


def test_a_report_is_listed_under_the_round_that_chose_it(session):
    first = [make_topic(session) for _ in range(2)]
    closed(session, first)
    later = closed(session, [first[1], make_topic(session)])
    topic_service.publish(session, first[1], URL, "staff:1")

    assert service.list_reported(session) == [(first[1], later)]


def test_only_the_shortlist_and_what_was_not_chosen_can_stand(session):
    for state in TopicState:
        if state is not TopicState.MERGED:
            make_topic(session, state=state)

    free = {topic.state for topic in service.list_free_topics(session)}
    assert free == {TopicState.SHORTLISTED, TopicState.NOT_CHOSEN}
