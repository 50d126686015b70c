"""Ballots: cast and changed until the edge of closing, exported and counted again after it."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from membership.clock import utc_now
from membership.patrons.models import Patron
from membership.patrons.service.people import clean_name
from membership.voting import rules
from membership.voting.errors import BallotsUnlisted, NameMissing, RoundSealed
from membership.voting.models import Ballot, RollEntry, Round, RoundState
from membership.voting.service.letters import confirm_ballot
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
    return _moment(now)


def _share_round(session: Session, round: Round, now: datetime) -> datetime:
    # Those who cast do so side by side; what may have changed since the round was read is asked for, and no more.
    session.refresh(round, ["state", "closes_at"], with_for_update={"read": True})
    return _moment(now)


def _moment(now: datetime) -> datetime:
    # Waiting for the lock takes time, and the closing time may pass meanwhile.
    return max(now, utc_now())


def cast_ballot(
    session: Session,
    round: Round,
    patron: Patron,
    marks: Iterable[str] | Mapping[str, int],
    now: datetime,
    *,
    name: str = "",
) -> Ballot:
    """Record the patron's marks in place of earlier ones, signed if the round wants it; her receipt stays the same.

    Raises RoundNotOpen, RoundClosed, MayNotVote, NameMissing, or what `rules.mark` refuses.
    """
    moment = _share_round(session, round, now)
    round.admit(moment)
    entry = get_entry(session, round, patron, moment, lock=True)
    marked, signed = rules.mark(marks, round.slugs, round.terms), _sign(round, name)
    ballot = session.scalar(select(Ballot).filter_by(roll_entry_id=entry.id))
    if ballot is None:
        ballot = _new_ballot(entry)
        session.add(ballot)
    ballot.marks, ballot.name, entry.voted_at = marked, signed, moment
    confirm_ballot(session, round, patron, ballot.receipt)
    return ballot


def _sign(round: Round, name: str) -> str | None:
    if round.is_anonymous:
        return None
    signed = clean_name(name)
    if not signed:
        raise NameMissing
    return signed


def _new_ballot(entry: RollEntry) -> Ballot:
    receipt = rules.write_receipt(secrets.token_bytes(rules.RECEIPT_BYTES))
    return Ballot(round_id=entry.round_id, roll_entry_id=entry.id, weight=entry.weight, receipt=receipt)


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


def find_ballot(session: Session, round: Round, receipt: str) -> Ballot | None:
    """Return the counted ballot with this receipt, if there is one. Raises RoundSealed before it is published."""
    unseal(round)
    return session.scalar(select(Ballot).filter_by(round_id=round.id, receipt=receipt))


def export_result(session: Session, round: Round) -> bytes:
    """Return the public record of a closed round, the same bytes every time. Raises RoundSealed."""
    stored = unseal(round)
    return rules.publish(stored, list_ballots(session, round) if stored["listed"] else None)


def list_published(session: Session, round: Round, *, after: str = "", most: int) -> list[Ballot]:
    """Return published ballots past a receipt, in order. Raises RoundSealed, or BallotsUnlisted."""
    if not unseal(round)["listed"]:
        raise BallotsUnlisted
    past = select(Ballot).where(Ballot.round_id == round.id, Ballot.receipt > after)
    return list(session.scalars(past.order_by(Ballot.receipt).limit(most)))


def count_again(session: Session, round: Round) -> bool:
    """Whether counting the kept ballots by the round's own rules gives the stored result. Raises RoundSealed."""
    stored = round.result
    if not round.is_over or stored is None:
        raise RoundSealed
    facts = {**stored, "method": round.method.value, "seats": round.seats, "tie_seed": round.tie_seed}
    return rules.canonical(rules.record(facts, list_ballots(session, round))) == rules.canonical(stored)


def unseal(round: Round) -> dict[str, Any]:
    """Return the public record of a round. Raises RoundSealed before it is published."""
    if round.state is not RoundState.PUBLISHED or round.result is None:
        raise RoundSealed
    return round.result
