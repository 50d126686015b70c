"""What staff may know of votes: who could vote, never how it stands."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from membership.voting.models import RollEntry, Round


def count_roll(session: Session, round: Round) -> tuple[int, int]:
    """Count the members and the guests who may vote in a round that has opened."""
    on_roll = select(func.count(RollEntry.tier), func.count()).where(
        RollEntry.round_id == round.id, RollEntry.struck_at.is_(None)
    )
    members, everybody = session.execute(on_roll).one()
    return members, everybody - members
