"""Short words about a topic, where the newsroom lets it be discussed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from membership.access import service as access
from membership.audit import service as audit
from membership.clock import utc_now
from membership.patrons.models import Patron
from membership.patrons.rules import is_active_staff
from membership.patrons.service import check_name
from membership.topics import rules
from membership.topics.errors import CommentsClosed, MayNotSuggest, TooManyComments, UnknownComment
from membership.topics.models import Topic, TopicComment, TopicState
from membership.topics.service.followers import VOTE, hold
from membership.topics.service.house import find_house_rules

MOST_A_DAY = 10
MOST_SHOWN = 200
DAY = timedelta(days=1)
_DISCUSSED = (TopicState.SUGGESTED, TopicState.SHORTLISTED, TopicState.NOT_CHOSEN)


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment as it is shown; of a hidden one only that it was there, and why it is not."""

    id: int
    signed_as: str
    text: str
    at: datetime
    hidden_reason: str | None


def is_discussed(session: Session, topic: Topic) -> bool:
    """Whether a topic takes comments: if the newsroom wants any, until it is on a ballot."""
    return find_house_rules(session).has_comments and topic.state in _DISCUSSED


def check_signature(patron: Patron, signed_as: str, house: str) -> None:
    """Raise NotTheHouse for a member who signs with the name of the house; staff may."""
    if not is_active_staff(patron):
        rules.check_signature(signed_as, house)


def comment(session: Session, topic: Topic, patron: Patron, text: str, signed_as: str, now: datetime) -> TopicComment:
    """Add a member's words, signed as she likes. Raises MayNotSuggest, CommentsClosed, TooManyComments or Invalid."""
    if VOTE not in access.flags_of(session, patron.id, now):
        raise MayNotSuggest
    live = hold(session, topic)
    if not is_discussed(session, live):
        raise CommentsClosed
    words, signature = rules.check_comment(text), check_name(signed_as, "signed_as")
    session.scalars(select(Patron.id).filter_by(id=patron.id).with_for_update(of=Patron)).one()
    lately = select(func.count()).where(TopicComment.patron_id == patron.id, TopicComment.created_at > now - DAY)
    if (session.scalar(lately) or 0) >= MOST_A_DAY:
        raise TooManyComments
    said = TopicComment(topic_id=live.id, patron_id=patron.id, signed_as=signature, text=words, created_at=now)
    session.add(said)
    session.flush()
    return said


def hide_comment(session: Session, comment_id: int, reason: str, actor: str) -> Topic:
    """Take a comment out of sight, with a reason that stands in its place; return its topic. Raises UnknownComment."""
    topic, found = get_comment(session, comment_id)
    found.hidden_at, found.hidden_reason = utc_now(), reason
    subject = f"topic:{topic.slug}"
    audit.note(session, actor=actor, action="comment.hidden", subject=subject, comment=comment_id, reason=reason)
    return topic


def get_comment(session: Session, comment_id: int) -> tuple[Topic, TopicComment]:
    """Return a comment and the topic that it is about, or raise UnknownComment."""
    found = session.get(TopicComment, comment_id)
    if found is None:
        raise UnknownComment
    return session.get_one(Topic, found.topic_id), found


def list_comments(session: Session, topic: Topic) -> list[Remark]:
    """Return what was said about a topic, the earliest first."""
    found = select(TopicComment).filter_by(topic_id=topic.id).order_by(TopicComment.id).limit(MOST_SHOWN)
    return [
        Remark(one.id, one.signed_as, "" if one.hidden_at else one.text, one.created_at, one.hidden_reason)
        for one in session.scalars(found)
    ]
