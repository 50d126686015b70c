"""What must always be true of topics."""

from collections.abc import Callable
from itertools import pairwise

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from membership.topics import rules
from membership.topics.models import Topic, TopicState, TopicStep


def find_broken_lives(session: Session) -> list[str]:
    """Return topics whose steps do not follow one another, or do not end where the topic is."""
    found: list[str] = []
    steps: dict[int, list[TopicState]] = {}
    for topic_id, state in session.execute(select(TopicStep.topic_id, TopicStep.state).order_by(TopicStep.id)):
        steps.setdefault(topic_id, []).append(state)
    for topic_id, slug, state in session.execute(select(Topic.id, Topic.slug, Topic.state)):
        lived = steps.get(topic_id, [state])
        follows = all(rules.admits(one, other) or _is_change(one, other) for one, other in pairwise(lived))
        if not follows or lived[-1] is not state:
            found.append(f"topic {slug}")
    return found


def _is_change(one: TopicState, other: TopicState) -> bool:
    return one is other and one in (TopicState.ASSIGNED, TopicState.PUBLISHED)


def find_unanswered(session: Session) -> list[str]:
    """Return topics that are called published without an article."""
    found = select(Topic.slug).where(Topic.state == TopicState.PUBLISHED, func.coalesce(Topic.article_url, "") == "")
    return [f"topic {slug}" for slug in session.scalars(found)]


INVARIANTS: dict[str, Callable[[Session], list[str]]] = {
    "I10 every topic's steps follow one another": find_broken_lives,
    "I10 every published topic has its article": find_unanswered,
}
