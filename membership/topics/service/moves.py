"""The one place where a topic's state changes: checked, dated, attributed, and told to those who care.

What staff do is noted in the audit by whoever calls; what a vote does is noted with the vote.
"""

from sqlalchemy.orm import Session

from membership.clock import utc_now
from membership.jobs.service import enqueue
from membership.topics import rules
from membership.topics.errors import StepNeedsReason, StepNotAllowed
from membership.topics.models import Topic, TopicState, TopicStep
from membership.words import clean_reason

TELL = "topics.tell"


def move(session: Session, topic: Topic, state: TopicState, actor: str, *, reason: str = "") -> TopicStep:
    """Take a locked topic into another state. Raises StepNotAllowed or StepNeedsReason."""
    if not rules.admits(topic.state, state):
        raise StepNotAllowed
    if state in rules.NEEDS_REASON and not clean_reason(reason):
        raise StepNeedsReason
    topic.state = state
    return note_step(session, topic, actor, reason=reason)


def correct(session: Session, topic: Topic, state: TopicState, actor: str, *, reason: str) -> TopicStep:
    """Put a locked topic into the state in which a vote should have left it, with the reason."""
    topic.state = state
    return note_step(session, topic, actor, reason=reason)


def note_change(session: Session, topic: Topic, actor: str, was: str) -> None:
    """Write down that something else is told of a topic whose state stays, and what was told before; no letter goes."""
    session.add(TopicStep(topic_id=topic.id, at=utc_now(), actor=actor, state=topic.state, reason=was))
    session.flush()


def note_step(session: Session, topic: Topic, actor: str, *, reason: str = "") -> TopicStep:
    """Write down the state in which a topic is now, and have it told."""
    step = TopicStep(topic_id=topic.id, at=utc_now(), actor=actor, state=topic.state, reason=reason)
    session.add(step)
    session.flush()
    enqueue(session, TELL, f"{TELL}:{step.id}", {"step": step.id})
    return step
