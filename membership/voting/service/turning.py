"""Rounds turned: opened with their roll and rules frozen, extended, closed with their seal broken, published."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from membership.audit import service as audit
from membership.jobs.service import enqueue
from membership.voting import rules
from membership.voting.errors import EndNotLater, RoundNotClosed, RoundNotDraft, RoundNotOpen, RoundOver
from membership.voting.models import Ballot, Round, RoundState
from membership.voting.service.ballots import list_ballots, lock_round
from membership.voting.service.letters import are_receipts_unwritten, are_receipts_waiting, forget_receipts
from membership.voting.service.links import forget_links
from membership.voting.service.results import describe, keep_result
from membership.voting.service.rolls import freeze_roll, list_weights
from membership.voting.service.topics import place_on_ballot, settle_topics


def open_round(session: Session, round: Round, now: datetime, actor: str) -> None:
    """Open a draft: freeze who may vote and with what weight, and put its topics on the ballot.

    This is the one place where the right to vote is decided: whoever is on the roll keeps her vote in this round,
    and whoever joins later waits for the next. Raises RoundNotDraft, RoundOver, RollEmpty or TopicTaken.
    """
    moment = lock_round(session, round, now)
    if round.state is not RoundState.DRAFT:
        raise RoundNotDraft
    if moment >= round.closes_at:
        raise RoundOver
    members = freeze_roll(session, round, moment)
    round.weights = list_weights(session, round)
    place_on_ballot(session, round, actor)
    round.state, round.opened_at = RoundState.OPEN, moment
    round.opening_failed_at = round.opening_failure = None
    enqueue(session, "rounds.invite", f"rounds.invite:{round.slug}", {"round": round.slug})
    audit.note(session, actor=actor, action="round.opened", subject=f"round:{round.slug}", roll=members)


def extend_round(
    session: Session, round: Round, closes_at: datetime, now: datetime, actor: str, *, reason: str
) -> None:
    """Let an open round end later than announced, for all to see.

    Raises RoundNotOpen, RoundOver, EndNotLater, ClosesTooLate or ReasonMissing.
    """
    moment = lock_round(session, round, now)
    round.check_running(moment)
    if closes_at <= round.closes_at:
        raise EndNotLater
    rules.check_end(closes_at, moment)
    told = {"at": moment.isoformat(), "was": round.closes_at.isoformat(), "reason": rules.check_reason(reason)}
    round.extensions, round.closes_at = [*round.extensions, told], closes_at
    audit.note(session, actor=actor, action="round.extended", subject=f"round:{round.slug}", **told)


def end_round(session: Session, round: Round, now: datetime, actor: str, *, reason: str) -> bool:
    """End an open round by hand, and close it unless receipts of those who voted last are still on their way.

    Then no ballot is taken any more, and the clock closes it within a minute. Return whether it is closed.
    Raises RoundNotOpen, or ReasonMissing before its time.
    """
    moment = lock_round(session, round, now)
    if round.state is not RoundState.OPEN:
        raise RoundNotOpen
    if not are_receipts_waiting(session, round):
        close_round(session, round, moment, actor, reason=reason)
        return True
    if moment < round.closes_at:
        _end_early(round, moment, reason)
        audit.note(session, actor=actor, action="round.ended", subject=f"round:{round.slug}", reason=reason)
    return False


def close_due_round(session: Session, round: Round, now: datetime, actor: str) -> None:
    """Close a round whose time is over; not yet if somebody cast in its last moment and has no letter.

    It is tried again in a moment. Raises RoundNotOpen.
    """
    moment = lock_round(session, round, now)
    if not are_receipts_unwritten(session, round):
        close_round(session, round, moment, actor)


def close_round(session: Session, round: Round, now: datetime, actor: str, *, reason: str = "") -> None:
    """Close an open round: count it, keep the result, cut every ballot from its voter.

    The result is published at once, unless the round holds it back for some hours. Before its time it needs a reason,
    for all to see. Raises RoundNotOpen or ReasonMissing.
    """
    moment = lock_round(session, round, now)
    if round.state is not RoundState.OPEN:
        raise RoundNotOpen
    if moment < round.closes_at:
        _end_early(round, moment, reason)
    ballots = list_ballots(session, round)
    # When it ended for its voters, however late it is counted.
    round.state, round.closed_at = RoundState.CLOSED, round.closes_at
    keep_result(session, round, rules.record(describe(session, round, ballots), ballots), ballots)
    _break_seal(session, round, ballots, moment)
    enqueue(session, "rounds.scrub", f"rounds.scrub:{round.slug}", {})
    audit.note(session, actor=actor, action="round.closed", subject=f"round:{round.slug}", reason=reason)
    if not round.hold_hours:
        _publish(session, round, moment, actor)


def _end_early(round: Round, moment: datetime, reason: str) -> None:
    told = {"at": moment.isoformat(), "was": round.closes_at.isoformat(), "reason": rules.check_reason(reason)}
    round.early_end, round.closes_at = told, moment
    # It may have been opened by hand before the time that was planned.
    round.opens_at = min(round.opens_at, round.opened_at or moment)


def publish_round(session: Session, round: Round, now: datetime, actor: str) -> None:
    """Show everybody the result of a closed round, and tell those who voted. Raises RoundNotClosed."""
    moment = lock_round(session, round, now)
    if round.state is not RoundState.CLOSED:
        raise RoundNotClosed
    _publish(session, round, moment, actor)
    audit.note(session, actor=actor, action="round.published", subject=f"round:{round.slug}")


def _publish(session: Session, round: Round, now: datetime, actor: str) -> None:
    round.state, round.published_at = RoundState.PUBLISHED, now
    settle_topics(session, round, actor)
    enqueue(session, "rounds.tell", f"rounds.tell:{round.slug}", {"round": round.slug})


def _break_seal(session: Session, round: Round, ballots: Sequence[dict[str, Any]], now: datetime) -> None:
    forget_receipts(session, round, now)
    forget_links(session, round)
    if not round.is_anonymous:
        # Signed by her wish, and hers to take back: her name must be found again when she is erased.
        return
    # New rows in the order of random receipts: neither a link nor an id nor a place on disk tells whose they were.
    session.execute(delete(Ballot).where(Ballot.round_id == round.id))
    if ballots:
        session.execute(insert(Ballot), [{**ballot, "round_id": round.id, "roll_entry_id": None} for ballot in ballots])
