"""Topics: brought in, looked up, answered with an article."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from membership.audit import service as audit
from membership.clock import utc_now
from membership.voting import rules
from membership.voting.errors import SlugTaken, TopicNotChosen, UnknownTopic
from membership.voting.models import Round, RoundState, RoundTopic, Topic, TopicState

_CHOSEN = (TopicState.CHOSEN, TopicState.ASSIGNED, TopicState.PUBLISHED)


def create_topic(session: Session, slug: str, *, title: Mapping[str, str], why: Mapping[str, str], actor: str) -> Topic:
    """Shortlist a topic for a ballot; texts per language, English at least."""
    rules.check_slug(slug)
    rules.check_title(title)
    if session.scalar(select(Topic.id).filter_by(slug=slug)) is not None:
        raise SlugTaken
    topic = Topic(slug=slug, title=dict(title), why=dict(why), state=TopicState.SHORTLISTED, created_at=utc_now())
    session.add(topic)
    audit.note(session, actor=actor, action="topic.created", subject=f"topic:{slug}")
    return topic


def get_topic(session: Session, slug: str) -> Topic:
    """Return a topic, or raise UnknownTopic."""
    topic = session.scalar(select(Topic).filter_by(slug=slug)) if rules.is_slug(slug) else None
    if topic is None:
        raise UnknownTopic
    return topic


def list_topics(session: Session) -> list[Topic]:
    """Return all topics, the newest first."""
    return list(session.scalars(select(Topic).order_by(Topic.created_at.desc(), Topic.id.desc())))


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


def set_outcome(session: Session, topic: Topic, article_url: str, actor: str) -> None:
    """Tell where the article about a chosen topic is. Raises TopicNotChosen or ArticleUnreadable."""
    if topic.state not in _CHOSEN:
        raise TopicNotChosen
    topic.article_url = rules.check_article(article_url)
    topic.state = TopicState.PUBLISHED
    audit.note(session, actor=actor, action="topic.published", subject=f"topic:{topic.slug}", article_url=article_url)
