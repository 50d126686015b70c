"""What staff may know of votes: who could vote, never how it stands."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from membership.voting.models import RollEntry, Round


def count_roll(session: Session, round: Round) -> int:
    """Count who may vote in a round that has opened."""
    return session.scalar(select(func.count(RollEntry.id)).filter_by(round_id=round.id)) or 0
