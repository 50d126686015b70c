"""What must hold of every vote; each check names the offending rows, never a person."""

from collections.abc import Callable

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from membership.voting import service
from membership.voting.models import OVER, Ballot, RollEntry, Round


def find_ballots_off_the_roll(session: Session) -> list[str]:
    """Return ballots of rounds not yet closed that no entry of the roll answers for."""
    wrong = or_(
        RollEntry.id.is_(None),
        RollEntry.round_id != Ballot.round_id,
        RollEntry.weight != Ballot.weight,
        RollEntry.voted_at.is_(None),
    )
    found = (
        select(Ballot.id)
        .join(Round, Ballot.round_id == Round.id)
        .outerjoin(RollEntry, Ballot.roll_entry_id == RollEntry.id)
        .where(Round.state.not_in(OVER), wrong)
    )
    return [f"ballot {number}" for number in session.scalars(found)]


def find_rounds_out_of_count(session: Session) -> list[str]:
    """Return rounds where those who voted and the ballots differ, in number or in weight."""
    return [f"round {round.slug}" for round in session.scalars(select(Round)) if not _is_even(session, round)]


def _is_even(session: Session, round: Round) -> bool:
    voters = select(func.count(), func.sum(RollEntry.weight)).where(RollEntry.voted_at.is_not(None))
    ballots = select(func.count(), func.sum(Ballot.weight))
    counted = (session.execute(sums.filter_by(round_id=round.id)).one() for sums in (voters, ballots))
    return len(set(map(tuple, counted))) == 1


def find_votes_outside_the_window(session: Session) -> list[str]:
    """Return entries of the roll that voted before the opening or after the closing."""
    outside = or_(
        RollEntry.voted_at < Round.opened_at,
        RollEntry.voted_at >= Round.closes_at,
        RollEntry.voted_at > Round.closed_at,
    )
    found = select(RollEntry.id).join(Round, RollEntry.round_id == Round.id).where(outside)
    return [f"roll entry {number}" for number in session.scalars(found)]


def find_bent_results(session: Session) -> list[str]:
    """Return closed rounds whose stored result is not what their ballots give."""
    closed = session.scalars(select(Round).where(Round.state.in_(OVER)))
    return [f"round {round.slug}" for round in closed if not service.count_again(session, round)]


def find_whole_seals(session: Session) -> list[str]:
    """Return unsigned ballots that are still tied to a voter though their round is closed."""
    found = select(Ballot.id).join(Round, Ballot.round_id == Round.id)
    tied = found.where(Round.state.in_(OVER), Round.is_anonymous, Ballot.roll_entry_id.is_not(None))
    return [f"ballot {number}" for number in session.scalars(tied)]


INVARIANTS: dict[str, Callable[[Session], list[str]]] = {
    "I10 every ballot is somebody's on the roll": find_ballots_off_the_roll,
    "I10 as many ballots as voters": find_rounds_out_of_count,
    "I10 every vote lies inside its window": find_votes_outside_the_window,
    "I10 every result is what its ballots give": find_bent_results,
    "I10 no closed ballot is tied to a voter": find_whole_seals,
}
