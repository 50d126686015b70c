"""Topics found: by their short name, by who may see them, by what they resemble."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from membership.patrons.models import Patron
from membership.topics import rules
from membership.topics.errors import UnknownTopic
from membership.topics.models import Topic, TopicEdition, TopicFollower, TopicState, TopicStep

_HIDDEN = (TopicState.MERGED, TopicState.DECLINED)


def get_topic(session: Session, slug: str) -> Topic:
    """Return a topic, or raise UnknownTopic."""
    wanted = select(Topic).filter_by(slug=slug).options(joinedload(Topic.merged_into))
    topic = session.scalar(wanted) if rules.is_slug(slug) else None
    if topic is None:
        raise UnknownTopic
    return topic


def get_shown_topic(session: Session, slug: str, patron: Patron | None) -> Topic:
    """Return a topic that this reader may see, or raise UnknownTopic.

    Its author always sees her own, and who supports or follows it sees it, too: hers may have become part of it.
    """
    topic = get_topic(session, slug)
    is_own = patron is not None and topic.suggested_by_id == patron.id
    is_public = rules.is_public(topic.state, is_listed=topic.listed_at is not None)
    if is_own or is_public or topic.state is TopicState.MERGED or _takes_part(session, topic, patron):
        return topic
    raise UnknownTopic


def _takes_part(session: Session, topic: Topic, patron: Patron | None) -> bool:
    return patron is not None and session.get(TopicFollower, (topic.id, patron.id)) is not None


def lock_topics(session: Session, slugs: Iterable[str]) -> list[Topic]:
    """Hold topics as they are, always in the same order, and return them in the order asked. Raises UnknownTopic."""
    wanted = list(slugs)
    held = select(Topic).where(Topic.slug.in_(wanted)).order_by(Topic.id).with_for_update()
    found = {topic.slug: topic for topic in session.scalars(held.execution_options(populate_existing=True))}
    if set(found) != set(wanted):
        raise UnknownTopic
    return [found[slug] for slug in wanted]


def list_topics(session: Session, states: Iterable[TopicState] | None = None) -> list[Topic]:
    """Return all topics, or those in some states, the newest first."""
    found = select(Topic).order_by(Topic.created_at.desc(), Topic.id.desc())
    return list(session.scalars(found if states is None else found.where(Topic.state.in_(states))))


def list_shown(session: Session) -> list[Topic]:
    """Return the topics that everybody may see, the newest first."""
    return [
        topic
        for topic in list_topics(session)
        if topic.state not in _HIDDEN and rules.is_public(topic.state, is_listed=topic.listed_at is not None)
    ]


def list_waiting(session: Session) -> list[Topic]:
    """Return the suggestions that staff have to judge, the oldest first."""
    return list_topics(session, [TopicState.SUGGESTED])[::-1]


def find_similar(session: Session, title: str, *, but: Sequence[str] = (), shown_only: bool = True) -> list[Topic]:
    """Return the topics that may be meant by a title, the most alike first."""
    topics = {topic.slug: topic for topic in (list_shown(session) if shown_only else list_topics(session))}
    known = [rules.Known(slug, list(topic.title.values())) for slug, topic in topics.items() if slug not in but]
    return [topics[one.key] for one in rules.alike(title, known)]


def list_steps(session: Session, topic: Topic) -> list[TopicStep]:
    """Return what became of a topic, the earliest first."""
    return list(session.scalars(select(TopicStep).filter_by(topic_id=topic.id).order_by(TopicStep.id)))


def list_editions(session: Session, topic: Topic) -> list[TopicEdition]:
    """Return how a topic was worded before, the latest first."""
    found = select(TopicEdition).filter_by(topic_id=topic.id).order_by(TopicEdition.number.desc())
    return list(session.scalars(found))
