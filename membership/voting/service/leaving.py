"""What becomes of somebody's votes when her account goes: without her name, or as another account's of hers."""

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from membership.patrons.models import Patron
from membership.voting.models import Ballot, BallotLink, RollEntry, Round, RoundGuest
from membership.voting.service.ballots import lock_round
from membership.voting.service.rolls import strike_off

FORGOTTEN = "erased"


def forget_voter(session: Session, patron: Patron) -> None:
    """Let the roll forget who she is, in open rounds too: her ballot stays and counts, a signed one loses its name."""
    mine = select(RollEntry.id).filter_by(patron_id=patron.id)
    session.execute(update(Ballot).where(Ballot.roll_entry_id.in_(mine)).values(name=None))
    session.execute(delete(BallotLink).where(BallotLink.roll_entry_id.in_(mine)))
    session.execute(delete(RoundGuest).filter_by(patron_id=patron.id))
    session.execute(update(RollEntry).filter_by(patron_id=patron.id).values(patron_id=None, reason=FORGOTTEN))


def hand_over_voter(
    session: Session, leaving: Patron, staying: Patron, now: datetime, *, reason: str, actor: str
) -> tuple[int, list[str]]:
    """Give one account's lines of the rolls to another of the same person: one person, one ballot.

    Where both are on the roll of an open round, one line is struck off: of two that voted, or did not, the leaving
    one's. Where it is too late for that, both stay as they are. No mark is looked at. Returns how many lines went over,
    and the rounds in which one ended.
    """
    own = {entry.round_id: entry for entry in _lines(session, staying)}
    lines, struck = _lines(session, leaving), []
    for entry in lines:
        twin = own.get(entry.round_id)
        if twin is None:
            entry.patron_id = staying.id
        elif (round := _hold(session, entry, twin, now)) is not None:
            gone = _keep_one(session, entry, twin)
            if gone.struck_at is None:
                strike_off(session, round, gone, now, reason=reason, actor=actor)
            struck.append(round.slug)
    _hand_over_guest(session, leaving, staying)
    session.flush()
    return len(lines) - sum(entry.round_id in own for entry in lines), struck


def _lines(session: Session, patron: Patron) -> list[RollEntry]:
    return list(session.scalars(select(RollEntry).filter_by(patron_id=patron.id).order_by(RollEntry.round_id)))


def _hold(session: Session, entry: RollEntry, twin: RollEntry, now: datetime) -> Round | None:
    """Let nobody vote in a round that is still open, and read both lines anew; None where it is over."""
    round = session.get_one(Round, entry.round_id)
    if not round.is_taking(lock_round(session, round, now)):
        return None
    for line in (entry, twin):
        session.refresh(line)
    return round


def _keep_one(session: Session, entry: RollEntry, twin: RollEntry) -> RollEntry:
    """Let the better line be that of the account that stays, and return the other one."""
    kept, gone = (entry, twin) if _standing(entry) > _standing(twin) else (twin, entry)
    leaving_id, staying_id = entry.patron_id, twin.patron_id
    # No two lines of a round may name one patron, between two writes neither.
    for line, patron_id in ((gone, None), (kept, staying_id), (gone, leaving_id)):
        line.patron_id = patron_id
        session.flush()
    return gone


def _standing(entry: RollEntry) -> tuple[bool, bool]:
    return entry.struck_at is None, entry.voted_at is not None


def _hand_over_guest(session: Session, leaving: Patron, staying: Patron) -> None:
    known = select(RoundGuest.round_id).filter_by(patron_id=staying.id)
    session.execute(delete(RoundGuest).where(RoundGuest.patron_id == leaving.id, RoundGuest.round_id.in_(known)))
    session.execute(update(RoundGuest).filter_by(patron_id=leaving.id).values(patron_id=staying.id))
