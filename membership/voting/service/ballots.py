"""Ballots: cast and changed until the edge of closing, exported and counted again after it."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from membership.clock import utc_now
from membership.patrons.models import Patron
from membership.voting import rules
from membership.voting.errors import BallotsUnlisted, RoundSealed
from membership.voting.models import Ballot, RollEntry, Round, RoundState
from membership.voting.service.letters import confirm_ballot
from membership.voting.service.rolls import get_entry


@dataclass(frozen=True, slots=True)
class Voter:
    """What a voter sees of her own vote while the round is open; `receipt` is empty until she has voted."""

    weight: int
    marks: list[str]
    receipt: str


def lock_round(session: Session, round: Round, now: datetime, *, share: bool = False) -> datetime:
    """Hold a round as it is, and return the moment that counts; those who share the lock cast side by side."""
    held = select(Round).where(Round.id == round.id).with_for_update(read=share)
    session.scalars(held.execution_options(populate_existing=True)).one()
    # Waiting for the lock takes time, and the closing time may pass meanwhile.
    return max(now, utc_now())


def cast_ballot(session: Session, round: Round, patron: Patron, marks: Iterable[str], now: datetime) -> Ballot:
    """Record the patron's marks in place of earlier ones; her receipt stays the same.

    Raises RoundNotOpen, RoundClosed, MayNotVote, NothingMarked or TopicNotOnBallot.
    """
    moment = lock_round(session, round, now, share=True)
    round.admit(moment)
    entry = get_entry(session, round, patron, moment, lock=True)
    marked = rules.mark(marks, round.slugs)
    ballot = session.scalar(select(Ballot).filter_by(roll_entry_id=entry.id))
    if ballot is None:
        ballot = _new_ballot(entry)
        session.add(ballot)
    ballot.marks, entry.voted_at = marked, moment
    confirm_ballot(session, round, patron, ballot.receipt)
    return ballot


def _new_ballot(entry: RollEntry) -> Ballot:
    receipt = rules.write_receipt(secrets.token_bytes(rules.RECEIPT_BYTES))
    return Ballot(round_id=entry.round_id, roll_entry_id=entry.id, weight=entry.weight, receipt=receipt)


def get_voter(session: Session, round: Round, patron: Patron, now: datetime) -> Voter:
    """Return the patron's own vote in an open round, or raise why she has none."""
    entry = get_entry(session, round, patron, now)
    ballot = session.scalar(select(Ballot).filter_by(roll_entry_id=entry.id))
    return Voter(entry.weight, ballot.marks if ballot else [], ballot.receipt if ballot else "")


def list_ballots(session: Session, round: Round) -> list[dict[str, Any]]:
    """Return the ballots without their voters, in the order of their random receipts; for counting, never for show."""
    rows = session.execute(select(Ballot.receipt, Ballot.weight, Ballot.marks).filter_by(round_id=round.id))
    ballots = [{"receipt": receipt, "weight": weight, "marks": marks} for receipt, weight, marks in rows]
    return sorted(ballots, key=lambda ballot: str(ballot["receipt"]))


def find_ballot(session: Session, round: Round, receipt: str) -> Ballot | None:
    """Return the counted ballot with this receipt, if there is one. Raises RoundSealed before it is published."""
    unseal(round)
    return session.scalar(select(Ballot).filter_by(round_id=round.id, receipt=receipt))


def export_result(session: Session, round: Round) -> bytes:
    """Return the public record of a closed round, the same bytes every time. Raises RoundSealed."""
    return rules.publish(unseal(round), list_ballots(session, round))


def list_published(session: Session, round: Round, *, after: str = "", most: int) -> list[Ballot]:
    """Return published ballots past a receipt, in order. Raises RoundSealed, or BallotsUnlisted in a small round."""
    if rules.read_result(unseal(round)).ballots < rules.LISTED_FROM:
        raise BallotsUnlisted
    past = select(Ballot).where(Ballot.round_id == round.id, Ballot.receipt > after)
    return list(session.scalars(past.order_by(Ballot.receipt).limit(most)))


def count_again(session: Session, round: Round) -> bool:
    """Whether counting the kept ballots by the round's own rules gives the stored result. Raises RoundSealed."""
    stored = round.result
    if not round.is_over or stored is None:
        raise RoundSealed
    facts = {**stored, "seats": round.seats, "tie_seed": round.tie_seed}
    return rules.canonical(rules.record(facts, list_ballots(session, round))) == rules.canonical(stored)


def unseal(round: Round) -> dict[str, Any]:
    """Return the public record of a round. Raises RoundSealed before it is published."""
    if round.state is not RoundState.PUBLISHED or round.result is None:
        raise RoundSealed
    return round.result
