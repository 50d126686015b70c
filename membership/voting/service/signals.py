"""Signs of stuffing on a roll, for staff to look at; and the one act that may follow, before the close and openly."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from membership.patrons.models import Patron
from membership.patrons.service import get_patron
from membership.payments import service as payments
from membership.voting.errors import NotOnRoll
from membership.voting.models import RollEntry, Round
from membership.voting.rules.signals import Cluster, Member, find_clusters
from membership.voting.service.ballots import lock_round
from membership.voting.service.rolls import strike_off

# Money that came back this long before the opening may have bought a vote already.
LOOK_BACK = timedelta(days=30)


def list_signals(session: Session, round: Round) -> list[Cluster]:
    """Return the clusters on a round's roll; nobody is removed by a sign alone, and no mark is looked at."""
    since = (round.opened_at or round.opens_at) - LOOK_BACK
    took_back = payments.list_taken_back(session, since)
    on_roll = (
        select(Patron.id, Patron.public_id, Patron.email, Patron.created_at)
        .join(RollEntry, RollEntry.patron_id == Patron.id)
        .where(RollEntry.round_id == round.id, RollEntry.struck_at.is_(None), Patron.email.is_not(None))
    )
    return find_clusters(
        Member(public_id, str(email), joined_at, patron_id in took_back)
        for patron_id, public_id, email, joined_at in session.execute(on_roll)
    )


def remove_voter(session: Session, round: Round, public_id: str, now: datetime, *, reason: str, actor: str) -> None:
    """Strike somebody off a round's roll while it is open, her ballot with her; counted on the page of results.

    Raises RoundNotOpen, RoundOver, UnknownPatron, ReasonMissing or NotOnRoll.
    """
    moment = lock_round(session, round, now)
    round.check_running(moment)
    patron = get_patron(session, public_id)
    entry = session.scalar(select(RollEntry).filter_by(round_id=round.id, patron_id=patron.id).with_for_update())
    if entry is None:
        raise NotOnRoll
    strike_off(session, round, entry, moment, reason=reason, actor=actor)
