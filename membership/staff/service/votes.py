"""What staff may know of votes: who could vote, never how it stands."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from membership.access.service import list_members
from membership.voting.models import RollEntry, Round, Topic, TopicState
from membership.voting.service import list_topics

_FREE = (TopicState.SUGGESTED, TopicState.SHORTLISTED, TopicState.NOT_CHOSEN)


def list_free_topics(session: Session) -> list[Topic]:
    """List the topics that can be put on a ballot, the newest first."""
    return [topic for topic in list_topics(session) if topic.state in _FREE]


def count_voters(session: Session, now: datetime) -> int:
    """Count who would be on the roll of a vote that opened now."""
    return len(list_members(session, "vote", now))


def count_roll(session: Session, round: Round) -> int:
    """Count who may vote in a round that has opened."""
    return session.scalar(select(func.count(RollEntry.id)).filter_by(round_id=round.id)) or 0
