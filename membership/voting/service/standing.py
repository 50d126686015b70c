"""How an open round stands, for rounds that show it: never so often that a step would tell of a single voter."""

from collections import Counter
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from membership.voting import rules
from membership.voting.models import Ballot, Round, RoundState
from membership.voting.service.ballots import list_ballots
from membership.voting.service.rolls import describe_roll


def list_live(session: Session) -> list[str]:
    """Return the slugs of open rounds that show how they stand."""
    return list(session.scalars(select(Round.slug).where(Round.state == RoundState.OPEN, Round.is_live)))


def show_standing(session: Session, round: Round, now: datetime, _actor: str) -> None:
    """Count an open round for all to see, once twenty more have voted than at the last time.

    Where few voted with one of the weights, or few of those who came since, it waits for more of them.
    """
    cast = _count_weights(session, round)
    shown = Counter({int(weight): number for weight, number in (round.standing or {}).get("cast", {}).items()})
    since = {weight: abs(cast[weight] - shown[weight]) for weight in cast | shown}
    if cast.total() - shown.total() < rules.LISTED_FROM or round.state is not RoundState.OPEN:
        return
    if rules.is_too_few(cast) or rules.is_too_few(since):
        return
    facts = {
        "cast": {str(weight): number for weight, number in cast.items()},
        "at": now.isoformat(),
        "method": round.method.value,
        "quorum_percent": round.quorum_percent,
        "seats": round.seats,
        "tie_seed": round.tie_seed,
        "topics": [{"slug": slug} for slug in round.slugs],
        "roll": describe_roll(session, round)["roll"],
        "listed": False,
    }
    round.standing = rules.part(rules.record(facts, list_ballots(session, round)))[0]


def _count_weights(session: Session, round: Round) -> Counter[int]:
    counted = select(Ballot.weight, func.count()).filter_by(round_id=round.id).group_by(Ballot.weight)
    return Counter({row[0]: row[1] for row in session.execute(counted)})
