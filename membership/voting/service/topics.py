"""Topics as a vote sees them: put on a ballot, chosen or not, reported."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import CompoundSelect, bindparam, null, select, type_coerce, union_all
from sqlalchemy.orm import Session

from membership.tiers.models import Tier
from membership.topics import service as topics
from membership.topics.models import Topic, TopicState
from membership.voting.errors import TopicTaken
from membership.voting.models import Round, RoundState, RoundTopic

FREE = (TopicState.SHORTLISTED, TopicState.NOT_CHOSEN)
# One query for what a page of results has to tell beside the record; built once.
_OUTCOMES: CompoundSelect[str, str | None, TopicState | None, dict[str, str] | None] = union_all(
    select(Topic.slug, Topic.article_url, Topic.state, type_coerce(null(), Tier.name.type))
    .join(RoundTopic, RoundTopic.topic_id == Topic.id)
    .where(RoundTopic.round_id == bindparam("round_id")),
    select(Tier.slug, null(), null(), Tier.name),
)


class Outcome(NamedTuple):
    """What came of a topic: its state, and the address of its article if there is one."""

    state: TopicState
    article_url: str


def take_topics(session: Session, slugs: Sequence[str]) -> list[Topic]:
    """Hold topics that can be put on a ballot, that no other round takes. Raises UnknownTopic or TopicTaken."""
    found = topics.lock_topics(session, slugs)
    for topic in found:
        if topic.state not in FREE:
            raise TopicTaken(topic=topic.title["en"])
    return found


def list_taken(round: Round) -> list[Topic]:
    """Return the topics of a draft that stand on another ballot by now, or were chosen there."""
    return [entry.topic for entry in round.topics if entry.topic.state not in FREE]


def place_on_ballot(session: Session, round: Round, actor: str) -> None:
    """Put a round's topics on its ballot. Raises TopicTaken."""
    for topic in take_topics(session, round.slugs):
        topics.move(session, topic, TopicState.ON_BALLOT, actor)


def settle_topics(session: Session, round: Round, actor: str) -> None:
    """Tell a closed round's topics which of them were chosen."""
    for topic in topics.lock_topics(session, round.slugs):
        state = TopicState.CHOSEN if topic.slug in round.chosen else TopicState.NOT_CHOSEN
        topics.move(session, topic, state, actor)


def resettle_topics(session: Session, round: Round, actor: str, *, reason: str) -> None:
    """Tell topics what a mended result says; one that is worked on already, or voted on again, stays as it is."""
    for topic in topics.lock_topics(session, round.slugs):
        state = TopicState.CHOSEN if topic.slug in round.chosen else TopicState.NOT_CHOSEN
        if topic.state in (TopicState.CHOSEN, TopicState.NOT_CHOSEN) and topic.state is not state:
            topics.correct(session, topic, state, actor, reason=reason)


def list_outcomes(session: Session, round: Round) -> tuple[dict[str, Outcome], dict[str, dict[str, str]]]:
    """Return what came of a round's topics, and the names of all tiers, both by slug."""
    rows = session.execute(_OUTCOMES, {"round_id": round.id}).all()
    outcomes = {slug: Outcome(state, url or "") for slug, url, state, _ in rows if state}
    return outcomes, {slug: name for slug, _, _, name in rows if name}


def list_free_topics(session: Session) -> list[Topic]:
    """Return the topics that can be put on a ballot, the newest first."""
    return topics.list_topics(session, FREE)


def list_reported(session: Session) -> list[tuple[Topic, Round]]:
    """Return what was chosen and then reported, with the round that chose it, the latest first."""
    found = (
        select(Topic, Round)
        .join(RoundTopic, RoundTopic.topic_id == Topic.id)
        .join(Round, RoundTopic.round_id == Round.id)
        .where(Topic.state == TopicState.PUBLISHED, Round.state == RoundState.PUBLISHED)
        .order_by(Round.closed_at.desc(), RoundTopic.position)
    )
    return [(topic, round) for topic, round in session.execute(found) if topic.slug in round.chosen]
