"""What staff do with topics; each act is a step of the topic's life or leaves a trace beside it."""

from datetime import date, timedelta

from sqlalchemy.orm import Session

from membership.audit import service as audit
from membership.clock import utc_now
from membership.topics import rules
from membership.topics.errors import (
    AssigneeMissing,
    DueTooEarly,
    DueTooLate,
    MergedIntoItself,
    StepNeedsReason,
    StepNotAllowed,
    WordsFrozen,
)
from membership.topics.models import Topic, TopicEdition, TopicState
from membership.topics.rules import Wording
from membership.topics.service.finding import lock_topics
from membership.topics.service.followers import take_over
from membership.topics.service.moves import move, note_change
from membership.words import clean_reason

LATEST_DUE = timedelta(days=731)


def list_for_members(session: Session, topic: Topic, actor: str) -> None:
    """Let members see, support and discuss a suggestion before it is judged. Raises StepNotAllowed."""
    [topic] = lock_topics(session, [topic.slug])
    if topic.state is not TopicState.SUGGESTED or topic.listed_at is not None:
        raise StepNotAllowed
    topic.listed_at = utc_now()
    audit.note(session, actor=actor, action="topic.listed", subject=f"topic:{topic.slug}")


def decline(session: Session, topic: Topic, reason: str, actor: str) -> None:
    """Say no to a suggestion, with a reason that its supporters read. Raises StepNotAllowed or StepNeedsReason."""
    [topic] = lock_topics(session, [topic.slug])
    _take(session, topic, TopicState.DECLINED, actor, reason=reason)


def shortlist(session: Session, topic: Topic, actor: str) -> None:
    """Put a suggestion where ballots are made from. Raises StepNotAllowed."""
    [topic] = lock_topics(session, [topic.slug])
    topic.listed_at = topic.listed_at or utc_now()
    _take(session, topic, TopicState.SHORTLISTED, actor)


def merge(session: Session, duplicate: Topic, into: str, actor: str) -> Topic:
    """Make a duplicate part of another topic, its supporters too; return that topic.

    Raises UnknownTopic, MergedIntoItself, or StepNotAllowed when either cannot be merged as it stands.
    """
    if into == duplicate.slug:
        raise MergedIntoItself
    duplicate, topic = lock_topics(session, [duplicate.slug, into])
    if topic.state in {TopicState.MERGED, TopicState.DECLINED}:
        raise StepNotAllowed
    if not rules.admits(duplicate.state, TopicState.MERGED):
        raise StepNotAllowed
    take_over(session, duplicate, topic)
    duplicate.merged_into_id = topic.id
    _take(session, duplicate, TopicState.MERGED, actor, reason=topic.slug)
    return topic


def edit(session: Session, topic: Topic, words: Wording, *, reason: str, actor: str, is_shown: bool = False) -> None:
    """Word a topic anew, and keep how it was worded, for readers too with `is_shown`.

    Raises WordsFrozen while it is on a ballot, or Invalid.
    """
    [topic] = lock_topics(session, [topic.slug])
    if not rules.is_worded_freely(topic.state):
        raise WordsFrozen
    title, why = rules.word_title(words.title), rules.word_why(words.why)
    if not clean_reason(reason):
        raise StepNeedsReason
    session.add(_kept(topic, reason, actor, is_shown=is_shown and _is_read(topic)))
    topic.title, topic.why, topic.links = title, why, list(words.links)
    topic.edition += 1
    audit.note(session, actor=actor, action="topic.edited", subject=f"topic:{topic.slug}", reason=reason)


def _is_read(topic: Topic) -> bool:
    return rules.is_public(topic.state, is_listed=topic.listed_at is not None)


def _kept(topic: Topic, reason: str, actor: str, *, is_shown: bool) -> TopicEdition:
    return TopicEdition(
        topic_id=topic.id,
        number=topic.edition,
        title=topic.title,
        why=topic.why,
        links=topic.links,
        replaced_at=utc_now(),
        replaced_by=actor,
        reason=reason,
        is_shown=is_shown,
    )


def assign(session: Session, topic: Topic, assignee: str, due_on: date, *, today: date, actor: str) -> None:
    """Give a chosen topic to somebody, until a day. Letters go the first time only; every change is a step.

    Raises StepNotAllowed, AssigneeMissing, DueTooEarly or DueTooLate.
    """
    if not assignee:
        raise AssigneeMissing
    if due_on < today:
        raise DueTooEarly
    if due_on - today > LATEST_DUE:
        raise DueTooLate
    [topic] = lock_topics(session, [topic.slug])
    before = (topic.assignee, topic.due_on)
    topic.assignee, topic.due_on = assignee, due_on
    if topic.state is not TopicState.ASSIGNED:
        _take(session, topic, TopicState.ASSIGNED, actor)
    elif before != (assignee, due_on):
        note_change(session, topic, actor, str(before[1]) if before[1] != due_on else "")
        audit.note(session, actor=actor, action="topic.reassigned", subject=f"topic:{topic.slug}", due=str(due_on))


def publish(session: Session, topic: Topic, url: str, actor: str, *, home: str = "", elsewhere: bool = False) -> None:
    """Tell where the article about a chosen topic is: at home, or knowingly elsewhere; the address is never fetched.

    Raises StepNotAllowed, ArticleUnreadable or ArticleElsewhere.
    """
    url = rules.check_article(url, home, elsewhere=elsewhere)
    [topic] = lock_topics(session, [topic.slug])
    topic.article_url = url
    _take(session, topic, TopicState.PUBLISHED, actor)


def correct_article(
    session: Session, topic: Topic, url: str, actor: str, *, home: str = "", elsewhere: bool = False
) -> None:
    """Put right the address of an article that was told before; a step says so, no letter does.

    Raises as publishing does.
    """
    url = rules.check_article(url, home, elsewhere=elsewhere)
    [topic] = lock_topics(session, [topic.slug])
    if topic.state is not TopicState.PUBLISHED:
        raise StepNotAllowed
    if topic.article_url == url:
        return
    note_change(session, topic, actor, str(topic.article_url))
    topic.article_url = url
    audit.note(session, actor=actor, action="topic.corrected", subject=f"topic:{topic.slug}", article_url=url)


def drop(session: Session, topic: Topic, reason: str, actor: str) -> None:
    """Give up a topic that members chose, with a reason that they read. Raises StepNotAllowed or StepNeedsReason."""
    [topic] = lock_topics(session, [topic.slug])
    _take(session, topic, TopicState.DROPPED, actor, reason=reason)


def _take(session: Session, topic: Topic, state: TopicState, actor: str, *, reason: str = "") -> None:
    move(session, topic, state, actor, reason=reason)
    audit.note(session, actor=actor, action=f"topic.{state}", subject=f"topic:{topic.slug}", reason=reason)
