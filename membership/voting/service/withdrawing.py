"""A ballot taken back by its voter while its round is open: nothing of it stays, and she may vote again."""

import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from membership.clock import utc_now
from membership.jobs.service import enqueue
from membership.mail import service as mail
from membership.patrons.models import Patron
from membership.patrons.service.people import is_shut_out
from membership.voting.errors import MayNotVote, NothingCast, ShutOut
from membership.voting.models import Ballot, RollEntry, Round


def withdraw_ballot(session: Session, round: Round, patron: Patron, now: datetime) -> None:
    """Delete a patron's ballot, its receipt and the letter that told it; she stays on the roll.

    Raises RoundNotOpen, RoundClosed, MayNotVote, ShutOut or NothingCast.
    """
    # Beside those who cast, and before whoever closes the round; her line first, so that her devices take turns.
    session.refresh(round, ["state", "closes_at"], with_for_update={"read": True, "key_share": True})
    round.admit(max(now, utc_now()))
    hers = select(RollEntry).filter_by(round_id=round.id, patron_id=patron.id, struck_at=None).with_for_update()
    entry = session.scalar(hers.execution_options(populate_existing=True))
    if entry is None:
        raise MayNotVote
    if is_shut_out(session, patron.id):
        raise ShutOut
    ballot = session.scalar(select(Ballot).filter_by(roll_entry_id=entry.id))
    if ballot is None:
        raise NothingCast
    session.delete(ballot)
    entry.voted_at = entry.confirmed_at = None
    _tell(session, round, patron)


def _tell(session: Session, round: Round, patron: Patron) -> None:
    once = secrets.token_hex(8)
    mail.forget(session, "vote_receipt", to=str(patron.email), about=round.slug)
    mail.write(
        session,
        "vote_withdrawn",
        to=str(patron.email),
        locale=patron.locale,
        about=f"{round.slug}:{once}",
        round_title=round.title,
        closes_at=round.closes_at.isoformat(),
        url=f"/vote/{round.slug}",
    )
    enqueue(session, "rounds.scrub", f"rounds.scrub:{round.slug}:{once}", {})
