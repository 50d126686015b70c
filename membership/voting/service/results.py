"""Results of closed rounds: kept as they were counted, told to everybody, counted again, and mended openly."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from membership.audit import service as audit
from membership.clock import utc_now
from membership.voting import rules
from membership.voting.errors import BallotsUnlisted, ResultHeldBack, ResultStands, RoundSealed, RoundUncounted
from membership.voting.models import Ballot, Round, RoundRecord, RoundState
from membership.voting.service.ballots import list_ballots, lock_round
from membership.voting.service.rolls import describe_roll
from membership.voting.service.topics import resettle_topics

Ballots = Sequence[dict[str, Any]]


def describe(session: Session, round: Round, ballots: Ballots) -> dict[str, Any]:
    """Return the facts of a round at its close, all that its record tells beside the count."""
    return {
        "format": rules.FORMAT,
        "round": round.slug,
        "title": round.title,
        "topics": [{"slug": entry.topic.slug, "title": entry.topic.title} for entry in round.topics],
        "weights": round.weights,
        **({"early_end": round.early_end} if round.early_end else {}),
        **_frozen(round, ballots),
        **describe_roll(session, round),
    }


def _frozen(round: Round, ballots: Ballots) -> dict[str, Any]:
    weights = Counter(ballot["weight"] for ballot in ballots)
    assert round.opened_at
    assert round.closed_at
    return {
        "method": round.method.value,
        "seats": round.seats,
        "budget": round.budget,
        "top_score": round.top_score,
        "quorum_percent": round.quorum_percent,
        "tie_seed": round.tie_seed,
        "opened_at": round.opened_at.isoformat(),
        "closed_at": round.closed_at.isoformat(),
        "extensions": round.extensions,
        "listed": rules.may_list(weights, is_anonymous=round.is_anonymous),
    }


def keep_result(session: Session, round: Round, told: dict[str, Any], ballots: Ballots) -> None:
    """Keep what a round gave, and its public record as it will be served."""
    round.result, round.transfers = rules.part(told)
    session.execute(delete(RoundRecord).filter_by(round_id=round.id))
    if round.is_anonymous:
        session.add(_write_record(round, ballots))


def _write_record(round: Round, ballots: Ballots) -> RoundRecord:
    told = rules.whole(round.result or {}, round.transfers)
    body = rules.publish(told, ballots if told["listed"] else None)
    return RoundRecord(round_id=round.id, sha256=sha256(body).hexdigest(), body=body.decode())


def get_record(session: Session, round: Round) -> RoundRecord:
    """Return the public record of a closed round, the same bytes every time. Raises RoundSealed.

    That of signed ballots is written whenever it is asked for: a name can be taken out of it.
    """
    unseal(round)
    return session.get(RoundRecord, round.id) or _write_record(round, list_ballots(session, round))


def find_ballot(session: Session, round: Round, receipt: str) -> Ballot | None:
    """Return the counted ballot with this receipt, if there is one. Raises RoundSealed before it is published."""
    unseal(round)
    return session.scalar(select(Ballot).filter_by(round_id=round.id, receipt=receipt))


def list_published(session: Session, round: Round, *, after: str = "", most: int) -> list[Ballot]:
    """Return published ballots past a receipt, in order. Raises RoundSealed, or BallotsUnlisted."""
    if not unseal(round)["listed"]:
        raise BallotsUnlisted
    past = select(Ballot).where(Ballot.round_id == round.id, Ballot.receipt > after)
    return list(session.scalars(past.order_by(Ballot.receipt).limit(most)))


def count_again(session: Session, round: Round) -> bool:
    """Whether the kept ballots, counted by the round's own rules, give the stored result and the record that is served.

    Raises RoundSealed.
    """
    ballots = list_ballots(session, round)
    if rules.canonical(_recount(round, ballots)) != rules.canonical(_stored(round)):
        return False
    served = session.get(RoundRecord, round.id)
    return served is None or served.body == _write_record(round, ballots).body


def _recount(round: Round, ballots: Ballots) -> dict[str, Any]:
    return rules.record({**_stored(round), **_frozen(round, ballots)}, ballots)


def _stored(round: Round) -> dict[str, Any]:
    if not round.is_over or round.result is None:
        raise RoundSealed
    return rules.whole(round.result, round.transfers)


def repair_result(session: Session, round: Round, now: datetime, *, reason: str, actor: str) -> None:
    """Put what the ballots give in the place of a result that is not that, and say so for all to see.

    Raises ReasonMissing, RoundSealed, or ResultStands where nothing is wrong.
    """
    reason = rules.check_reason(reason)
    moment = lock_round(session, round, now)
    if count_again(session, round):
        raise ResultStands
    before, ballots = _stored(round), list_ballots(session, round)
    told = _recount(round, ballots)
    mended = {"at": moment.isoformat(), "reason": reason, "chosen": rules.read_result(before).chosen}
    keep_result(session, round, {**told, "repairs": [*before.get("repairs", []), mended]}, ballots)
    if round.state is RoundState.PUBLISHED:
        resettle_topics(session, round, actor, reason=reason)
    audit.note(session, actor=actor, action="round.repaired", subject=f"round:{round.slug}", **mended)


def unseal(round: Round) -> dict[str, Any]:
    """Return the public record of a round, without transfers and ballots. Raises RoundSealed before it is published."""
    if round.state is RoundState.PUBLISHED and round.result is not None:
        return round.result
    if round.state is RoundState.CLOSED:
        raise ResultHeldBack(moment=round.publishes_at)
    raise RoundSealed if round.is_taking(utc_now()) else RoundUncounted
