"""Who stands behind a topic, and who wants to hear of it."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from membership.access import service as access
from membership.clock import utc_now
from membership.inserts import insert_unless_known
from membership.patrons.models import Patron
from membership.topics.errors import MayNotSuggest, StepNotAllowed
from membership.topics.models import Topic, TopicFollower, TopicState

VOTE = "vote"
LONGEST_CHAIN = 8
_OPEN = (TopicState.SUGGESTED, TopicState.SHORTLISTED, TopicState.NOT_CHOSEN)


@dataclass(frozen=True, slots=True)
class Standing:
    """A reader's part in a topic."""

    supports: bool = False
    follows: bool = False


def support(session: Session, topic: Topic, patron: Patron) -> Topic:
    """Stand behind a topic and follow it; of a merged one, behind the one it became, which is returned.

    Raises MayNotSuggest, or StepNotAllowed once it is on a ballot: then the ballot counts.
    """
    if VOTE not in access.flags_of(session, patron.id, utc_now()):
        raise MayNotSuggest
    live = hold(session, topic)
    if live.state not in _OPEN:
        raise StepNotAllowed
    join(session, live, patron, supports=True, follows=True)
    return live


def follow(session: Session, topic: Topic, patron: Patron) -> Topic:
    """Hear of every step of a topic; of a merged one, of the one it became, which is returned."""
    live = hold(session, topic)
    join(session, live, patron, supports=None, follows=True)
    return live


def withdraw_support(session: Session, topic: Topic, patron: Patron) -> Topic:
    """Stand behind a topic no more, but go on hearing of it."""
    live = hold(session, topic)
    join(session, live, patron, supports=False, follows=None)
    _forget_idle(session, live, patron)
    return live


def unfollow(session: Session, topic: Topic, patron: Patron) -> Topic:
    """Hear of a topic no more; whether she stands behind it is another matter."""
    live = hold(session, topic)
    join(session, live, patron, supports=None, follows=False)
    _forget_idle(session, live, patron)
    return live


def hold(session: Session, topic: Topic) -> Topic:
    """Share a topic with others who take part in it, and keep it from being merged meanwhile; follow where it went."""
    for _ in range(LONGEST_CHAIN):
        held = select(Topic).where(Topic.id == topic.id).with_for_update(read=True)
        topic = session.scalars(held.execution_options(populate_existing=True)).one()
        if topic.merged_into_id is None:
            return topic
        topic = session.get_one(Topic, topic.merged_into_id)
    raise StepNotAllowed


def join(session: Session, topic: Topic, patron: Patron, *, supports: bool | None, follows: bool | None) -> None:
    """Set a patron's part in a held topic; None leaves it as it is."""
    fresh = {"topic_id": topic.id, "patron_id": patron.id, "supports": False, "follows": False, "since": utc_now()}
    insert_unless_known(session, TopicFollower, fresh)
    mine = select(TopicFollower).filter_by(topic_id=topic.id, patron_id=patron.id).with_for_update()
    part = session.scalars(mine.execution_options(populate_existing=True)).one()
    part.supports = part.supports if supports is None else supports
    part.follows = part.follows if follows is None else follows
    session.flush()


def _forget_idle(session: Session, topic: Topic, patron: Patron) -> None:
    mine = delete(TopicFollower).where(TopicFollower.topic_id == topic.id, TopicFollower.patron_id == patron.id)
    session.execute(mine.where(TopicFollower.supports.is_(False), TopicFollower.follows.is_(False)))


def take_over(session: Session, duplicate: Topic, topic: Topic) -> None:
    """Bring everybody of a locked duplicate over to a locked topic, where nobody counts twice.

    The duplicate keeps its own rows: they tell whom to write to.
    """
    parts = session.scalars(select(TopicFollower).filter_by(topic_id=duplicate.id)).all()
    known = {part.patron_id: part for part in session.scalars(select(TopicFollower).filter_by(topic_id=topic.id))}
    for part in parts:
        own = known.get(part.patron_id) or _copy(part, topic)
        own.supports, own.follows = own.supports or part.supports, own.follows or part.follows
        session.add(own)
    session.flush()


def _copy(part: TopicFollower, topic: Topic) -> TopicFollower:
    return TopicFollower(
        topic_id=topic.id, patron_id=part.patron_id, supports=part.supports, follows=part.follows, since=part.since
    )


def standing_of(session: Session, topic: Topic, patron: Patron | None) -> Standing:
    """Return a reader's part in a topic."""
    part = patron and session.get(TopicFollower, (topic.id, patron.id))
    return Standing(part.supports, part.follows) if part else Standing()


def count_supporters(session: Session, topics: Iterable[Topic]) -> dict[int, int]:
    """Count who stands behind topics, by their keys."""
    counted = (
        select(TopicFollower.topic_id, func.count())
        .where(TopicFollower.topic_id.in_([topic.id for topic in topics]), TopicFollower.supports)
        .group_by(TopicFollower.topic_id)
    )
    return dict(session.execute(counted).all())


def list_followers(session: Session, topic: Topic, after: int, most: int) -> list[Patron]:
    """Return those who want to hear of a topic, past this patron, with an address; a batch at a time."""
    mine = select(TopicFollower.patron_id).where(TopicFollower.topic_id == topic.id, TopicFollower.follows)
    found = select(Patron).where(Patron.id.in_(mine), Patron.id > after, Patron.email.is_not(None))
    return list(session.scalars(found.order_by(Patron.id).limit(most)))
