"""What members chose, and what became of it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from membership.stories.rules import WATCHED, Cohort, Kept, Promise, cohort_of, count_kept
from membership.subscriptions.models import Subscription
from membership.topics.models import Topic, TopicState, TopicStep
from membership.voting.models import RollEntry, Round, RoundState, RoundTopic

_CHOSEN = (TopicState.CHOSEN, TopicState.ASSIGNED, TopicState.PUBLISHED, TopicState.DROPPED)


@dataclass(frozen=True, slots=True)
class Story:
    """A chosen topic with the round that chose it, when it was reported, and why it was given up."""

    topic: Topic
    round: Round
    reported_at: datetime | None
    reason: str

    @property
    def promise(self) -> Promise:
        """The promise that the vote made."""
        assert self.round.closed_at
        return Promise(self.topic.state, self.round.closed_at, self.reported_at)


def list_stories(session: Session) -> list[Story]:
    """Return every topic that a published round chose, the latest round first, with what became of it."""
    found = (
        select(Topic, Round)
        .join(RoundTopic, RoundTopic.topic_id == Topic.id)
        .join(Round, RoundTopic.round_id == Round.id)
        .where(Topic.state.in_(_CHOSEN), Round.state == RoundState.PUBLISHED)
        .order_by(Round.closed_at.desc(), RoundTopic.position)
    )
    steps = _first_steps(session)
    stories = []
    for topic, round in session.execute(found):
        if topic.slug in round.chosen:
            step = steps.get((topic.id, topic.state))
            at = step.at if step and step.state is TopicState.PUBLISHED else None
            stories.append(Story(topic, round, at, step.reason if step else ""))
    return stories


def _first_steps(session: Session) -> dict[tuple[int, TopicState], TopicStep]:
    # An address put right later is a step, too, and reports nothing a second time.
    first = select(func.min(TopicStep.id)).group_by(TopicStep.topic_id, TopicStep.state)
    steps = session.scalars(select(TopicStep).where(TopicStep.id.in_(first)))
    return {(step.topic_id, step.state): step for step in steps}


def count_promises(session: Session) -> Kept:
    """Count what became of all that members chose."""
    return count_kept(story.promise for story in list_stories(session))


def compare_stay(session: Session, now: datetime) -> tuple[Cohort, Cohort]:
    """Compare who stayed after the latest vote that can be judged: those who voted, and those on its roll who did not.

    Somebody stayed whose support, running at the close, had not ended ninety days later; guests and those whose
    support came another way are left out. It says who stays, and not that voting makes anybody stay.
    """
    judged = select(Round).where(Round.closed_at <= now - WATCHED, Round.state == RoundState.PUBLISHED)
    round = session.scalar(judged.order_by(Round.closed_at.desc()).limit(1))
    if round is None or round.closed_at is None:
        return Cohort(0, 0), Cohort(0, 0)
    ends = (
        select(RollEntry.voted_at, Subscription.ended_at)
        .join(Subscription, Subscription.patron_id == RollEntry.patron_id)
        .where(RollEntry.round_id == round.id, Subscription.started_at <= round.closed_at)
        .where((Subscription.ended_at.is_(None)) | (Subscription.ended_at > round.closed_at))
    )
    rows = session.execute(ends).all()
    voted = [ended for voted_at, ended in rows if voted_at]
    absent = [ended for voted_at, ended in rows if not voted_at]
    return cohort_of(voted, round.closed_at), cohort_of(absent, round.closed_at)
