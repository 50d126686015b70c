"""Ballots: held by their voters until the edge of closing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from membership.clock import utc_now
from membership.patrons.models import Patron
from membership.voting import rules
from membership.voting.models import Ballot, Round
from membership.voting.service.rolls import get_entry, weight_of


@dataclass(frozen=True, slots=True)
class Voter:
    """What a voter sees of her own vote while the round is open; `receipt` is empty until she has voted."""

    weight: int
    marks: rules.Marks
    receipt: str
    name: str = ""


def lock_round(session: Session, round: Round, now: datetime) -> datetime:
    """Hold a round as it is, and return the moment that counts."""
    held = select(Round).where(Round.id == round.id).with_for_update()
    session.scalars(held.execution_options(populate_existing=True)).one()
    # Waiting for the lock takes time, and the closing time may pass meanwhile.
    return max(now, utc_now())


def get_voter(session: Session, round: Round, patron: Patron, now: datetime) -> Voter:
    """Return the patron's own vote in an open round, or raise why she has none."""
    if weight := weight_of(session, round, patron, now):
        return Voter(weight, [], "")
    entry = get_entry(session, round, patron, now)
    ballot = session.scalar(select(Ballot).filter_by(roll_entry_id=entry.id))
    if ballot is None:
        return Voter(entry.weight, [], "")
    return Voter(entry.weight, ballot.marks, ballot.receipt, ballot.name or "")


def list_ballots(session: Session, round: Round) -> list[dict[str, Any]]:
    """Return the ballots without their voters, in the order of their random receipts; for counting, never for show."""
    columns = select(Ballot.receipt, Ballot.weight, Ballot.marks, Ballot.name).filter_by(round_id=round.id)
    # As many as there are voters: read some at a time, and each slug kept once.
    rows = session.execute(columns.execution_options(yield_per=1000))
    known = {slug: slug for slug in round.slugs}
    ballots = [_paper(receipt, weight, _shared(marks, known), name) for receipt, weight, marks, name in rows]
    return sorted(ballots, key=lambda ballot: str(ballot["receipt"]))


def _paper(receipt: str, weight: int, marks: rules.Marks, name: str | None) -> dict[str, Any]:
    paper = {"receipt": receipt, "weight": weight, "marks": marks}
    return paper if name is None else {**paper, "name": name}


def _shared(marks: rules.Marks, known: Mapping[str, str]) -> rules.Marks:
    if isinstance(marks, dict):
        return {known[slug]: number for slug, number in marks.items()}
    return [known[slug] for slug in marks]
