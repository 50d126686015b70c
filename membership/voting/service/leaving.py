"""What becomes of somebody's votes when her account goes: they count as they were cast, without her name."""

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from membership.patrons.models import Patron
from membership.voting.models import Ballot, BallotLink, RollEntry, RoundGuest

FORGOTTEN = "erased"


def forget_voter(session: Session, patron: Patron) -> None:
    """Let the roll forget who she is, in open rounds too: her ballot stays and counts, a signed one loses its name."""
    mine = select(RollEntry.id).filter_by(patron_id=patron.id)
    session.execute(update(Ballot).where(Ballot.roll_entry_id.in_(mine)).values(name=None))
    session.execute(delete(BallotLink).where(BallotLink.roll_entry_id.in_(mine)))
    session.execute(delete(RoundGuest).filter_by(patron_id=patron.id))
    session.execute(update(RollEntry).filter_by(patron_id=patron.id).values(patron_id=None, reason=FORGOTTEN))
