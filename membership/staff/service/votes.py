"""What staff may know of votes: who could vote, never how it stands."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from membership.access.service import list_members
from membership.voting.models import RollEntry, Round


def count_voters(session: Session, now: datetime) -> int:
    """Count who would be on the roll of a vote that opened now."""
    return len(list_members(session, "vote", now))


def count_roll(session: Session, round: Round) -> int:
    """Count who may vote in a round that has opened."""
    return session.scalar(select(func.count(RollEntry.id)).filter_by(round_id=round.id)) or 0
