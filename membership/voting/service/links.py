"""Links from letters: each opens one voter's ballot in one round while it is open, and can do nothing else."""

import secrets
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from membership.patrons.models import Patron
from membership.patrons.rules import hash_of
from membership.voting.errors import LinkOver, LinkStruckOff
from membership.voting.models import BallotLink, RollEntry, Round


def new_link(session: Session, entry: RollEntry, kind: str, now: datetime) -> str:
    """Make a link for a letter of this kind; return its token, of which only the hash is kept."""
    token = secrets.token_urlsafe(32)
    fresh = {"round_id": entry.round_id, "roll_entry_id": entry.id, "kind": kind, "created_at": now}
    session.add(BallotLink(**fresh, token_hash=hash_of(token)))
    return token


def find_linked(session: Session, round: Round, token: str, now: datetime) -> Patron | None:
    """Find whose ballot a link opens: none once the round takes no ballots.

    Nor for a line that was struck off, or of whoever asked to be forgotten.
    """
    if not round.is_taking(now):
        return None
    found = (
        select(Patron)
        .join(RollEntry, RollEntry.patron_id == Patron.id)
        .join(BallotLink, BallotLink.roll_entry_id == RollEntry.id)
        .where(BallotLink.token_hash == hash_of(token), BallotLink.round_id == round.id)
        .where(RollEntry.struck_at.is_(None), Patron.erasure_asked_at.is_(None))
    )
    return session.scalar(found)


def get_linked(session: Session, round: Round, token: str, now: datetime) -> Patron:
    """Return whose ballot a link opens, or raise LinkOver: never written, of another round, or too late alike.

    Of who was struck off it raises LinkStruckOff.
    """
    patron = find_linked(session, round, token, now)
    if patron is None:
        raise why_over(session, round, token, now)
    return patron


def why_over(session: Session, round: Round, token: str, now: datetime) -> LinkOver:
    """Return why a link opens nothing."""
    struck = (
        select(BallotLink.id)
        .join(RollEntry, BallotLink.roll_entry_id == RollEntry.id)
        .where(BallotLink.token_hash == hash_of(token), BallotLink.round_id == round.id)
        .where(RollEntry.struck_at.is_not(None))
    )
    is_struck = round.is_taking(now) and session.scalar(struck) is not None
    return LinkStruckOff() if is_struck else LinkOver()


def forget_links(session: Session, round: Round) -> None:
    """Let no link of a round open anything any more."""
    session.execute(delete(BallotLink).where(BallotLink.round_id == round.id))
