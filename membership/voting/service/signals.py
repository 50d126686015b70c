"""Signs of stuffing on a roll, for staff to look at; and the one act that may follow, before the close and openly."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from membership.groups.models import Group, Seat
from membership.mail import service as mail
from membership.patrons.models import Ban, Patron
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
    groups = _groups_of(session, round)
    shut_out = set(session.scalars(select(Ban.patron_id).where(Ban.lifted_at.is_(None))))
    return find_clusters(
        Member(
            public_id, str(email), joined_at, patron_id in took_back, groups.get(patron_id, ""), patron_id in shut_out
        )
        for patron_id, public_id, email, joined_at in session.execute(on_roll)
    )


def _groups_of(session: Session, round: Round) -> dict[int, str]:
    """Name, by patron, the group in which somebody on the roll has a seat."""
    seated = select(Seat.patron_id, Group.name).join(Group, Group.id == Seat.group_id)
    seated = seated.join(RollEntry, RollEntry.patron_id == Seat.patron_id)
    wanted = seated.where(RollEntry.round_id == round.id, Seat.ended_at.is_(None)).order_by(Seat.id.desc())
    return {int(patron_id or 0): name for patron_id, name in session.execute(wanted)}


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
    _tell(session, round, patron)


def _tell(session: Session, round: Round, patron: Patron) -> None:
    # The reason is for the audit: it may be about other people.
    email, locale = str(patron.email), patron.locale
    mail.write(session, "vote_struck", to=email, locale=locale, about=round.slug, round_title=round.title)
