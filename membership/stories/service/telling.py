"""Letters about each step of a topic, once to everybody who cares: who follows it, and who voted in its round."""

from datetime import UTC, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Select, false, or_, select
from sqlalchemy.orm import Session

from membership.mail import service as mail
from membership.patrons.models import Letters, LetterWish, Patron
from membership.patrons.service import stop_path, wishes_of
from membership.topics.models import Topic, TopicFollower, TopicState, TopicStep
from membership.voting.models import RollEntry, Round, RoundState, RoundTopic

BATCH = 200
_QUIET = frozenset({TopicState.SUGGESTED})
_FOR_VOTERS = frozenset({TopicState.ASSIGNED, TopicState.PUBLISHED, TopicState.DROPPED})


def tell_some(session: Session, step_id: int, after: int) -> int:
    """Write to the next people, past this patron, what became of a topic; return the last of them, or 0."""
    step = session.get_one(TopicStep, step_id)
    topic = session.get_one(Topic, step.topic_id)
    if step.state in _QUIET:
        return 0
    who = select(Patron).where(_cares(session, topic, step), Patron.id > after, Patron.email.is_not(None))
    patrons = session.scalars(who.order_by(Patron.id).limit(BATCH)).all()
    wishes = wishes_of(session, patrons)
    for patron in patrons:
        if Letters.STORIES not in wishes[patron.id].stopped:
            _write(session, patron, wishes[patron.id], _said(session, topic, step), topic)
    return patrons[-1].id if patrons else 0


def _cares(session: Session, topic: Topic, step: TopicStep) -> ColumnElement[bool]:
    followers = select(TopicFollower.patron_id).where(TopicFollower.topic_id == topic.id, TopicFollower.follows)
    follows = Patron.id.in_(followers)
    round = _latest_round(session, topic)
    roll = select(RollEntry.patron_id).where(RollEntry.round_id == round.id) if round else _nobody()
    voters = roll.where(RollEntry.voted_at.is_not(None))
    match step.state:
        case TopicState.ON_BALLOT:
            # Who is on the roll has an invitation, which says as much.
            return follows & Patron.id.not_in(roll)
        case TopicState.CHOSEN | TopicState.NOT_CHOSEN:
            # Who voted has the letter with the result.
            return follows & Patron.id.not_in(voters)
        case state if state in _FOR_VOTERS:
            return or_(follows, Patron.id.in_(voters))
    return follows


def _nobody() -> Select[Any]:
    return select(RollEntry.patron_id).where(false())


def _latest_round(session: Session, topic: Topic) -> Round | None:
    held = select(Round).join(RoundTopic).where(RoundTopic.topic_id == topic.id, Round.state != RoundState.DRAFT)
    return session.scalar(held.order_by(Round.opened_at.desc(), Round.id.desc()).limit(1))


def _said(session: Session, topic: Topic, step: TopicStep) -> dict[str, Any]:
    said: dict[str, Any] = {"topic_title": topic.title, "state": step.state, "reason": step.reason}
    said["url"] = f"/topics/{topic.slug}"
    if step.state is TopicState.MERGED:
        said["url"] = f"/topics/{step.reason}"
    elif step.state is TopicState.PUBLISHED:
        said["url"] = topic.article_url
    elif step.state is TopicState.ASSIGNED and topic.due_on:
        said["due_at"] = datetime.combine(topic.due_on, time(12), UTC).isoformat()
    return said


def _write(session: Session, patron: Patron, wish: LetterWish, said: dict[str, Any], topic: Topic) -> None:
    mail.write(
        session,
        "topic_news",
        to=str(patron.email),
        locale=patron.locale,
        about=f"{topic.slug}:{said['state']}",
        stop_url=stop_path(wish),
        **said,
    )
