"""What staff may know of votes: who could vote, never how it stands."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from membership.patrons.models import Patron
from membership.voting.models import RollEntry, Round, RoundState


def list_open_rolls(session: Session, patron: Patron) -> list[Round]:
    """Return the open rounds on whose roll a patron is; whether she voted, nobody sees."""
    found = select(Round).join(RollEntry, RollEntry.round_id == Round.id).order_by(Round.closes_at)
    hers = found.where(RollEntry.patron_id == patron.id, RollEntry.struck_at.is_(None))
    return list(session.scalars(hers.where(Round.state == RoundState.OPEN)))


def count_roll(session: Session, round: Round) -> tuple[int, int]:
    """Count the members and the guests who may vote in a round that has opened."""
    on_roll = select(func.count(RollEntry.tier), func.count()).where(
        RollEntry.round_id == round.id, RollEntry.struck_at.is_(None)
    )
    members, everybody = session.execute(on_roll).one()
    return members, everybody - members
