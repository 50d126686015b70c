"""What voters are told by letter."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from membership.mail import service as mail
from membership.mail.models import Letter
from membership.patrons.models import Letters, Patron
from membership.patrons.service import stop_path, wishes_of
from membership.voting.models import RollEntry, Round

BATCH = 200


def confirm_ballot(session: Session, round: Round, patron: Patron, receipt: str) -> None:
    """Send a voter her receipt; the letter forgets it once it is sent, so that no copy ties her to her ballot."""
    if patron.email is None:
        return
    mail.write(
        session,
        "vote_receipt",
        to=patron.email,
        locale=patron.locale,
        about=round.slug,
        is_secret=True,
        round_title=round.title,
        receipt=receipt,
        closes_at=round.closes_at.isoformat(),
        url=f"/vote/{round.slug}",
    )


def forget_receipts(session: Session, round: Round, now: datetime) -> None:
    """Take the receipts out of letters that never left: they would tie voters to ballots, and the seal comes first."""
    session.execute(
        update(Letter)
        .where(Letter.kind == "vote_receipt", Letter.key.startswith(f"vote_receipt:{round.slug}:"))
        .where(Letter.sent_at.is_(None), Letter.refused_at.is_(None))
        .values(values={}, refused_at=now)
    )


def tell_voters(session: Session, round: Round, after: int) -> int:
    """Write to the next voters, past this entry of the roll, that the result is out; return the last entry or 0."""
    found = (
        select(RollEntry.id, Patron)
        .join(Patron, RollEntry.patron_id == Patron.id)
        .where(RollEntry.round_id == round.id, RollEntry.id > after)
        .where(RollEntry.voted_at.is_not(None), Patron.email.is_not(None))
        .order_by(RollEntry.id)
        .limit(BATCH)
    )
    voters = session.execute(found).all()
    wishes = wishes_of(session, [patron for _, patron in voters])
    for _, patron in voters:
        if Letters.STORIES not in wishes[patron.id].stopped:
            _tell(session, round, patron, stop_path(wishes[patron.id]))
    return voters[-1][0] if voters else 0


def _tell(session: Session, round: Round, patron: Patron, stop_url: str) -> None:
    mail.write(
        session,
        "round_result",
        to=str(patron.email),
        locale=patron.locale,
        about=round.slug,
        round_title=round.title,
        url=f"/vote/{round.slug}/results",
        stop_url=stop_url,
    )
