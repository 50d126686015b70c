"""How an open round stands, for rounds that show it: never so often that a step would tell of a single voter."""

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
    """Count an open round for all to see, once twenty more have voted than at the last time."""
    shown = (rules.read_result(round.standing).ballots or 0) if round.standing else 0
    voted = session.scalar(select(func.count()).select_from(Ballot).filter_by(round_id=round.id)) or 0
    if voted - shown < rules.LISTED_FROM or round.state is not RoundState.OPEN:
        return
    facts = {
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
