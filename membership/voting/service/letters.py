"""What voters are told by letter."""

from datetime import datetime

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from membership.mail import service as mail
from membership.mail.models import Letter
from membership.patrons.models import Letters, Patron
from membership.patrons.service import stop_path, wishes_of
from membership.voting.models import Ballot, RollEntry, Round, RoundState

BATCH = 200


def confirm_some(session: Session, round: Round, now: datetime) -> int:
    """Send the next of those who voted their receipts; return how many they were.

    The letter forgets the receipt once it is sent, so that no copy ties her to her ballot.
    """
    # Who closes the round takes the receipts out of letters, and waits for these.
    session.refresh(round, ["state"], with_for_update={"read": True, "key_share": True})
    if round.state is not RoundState.OPEN:
        return 0
    waiting = (
        select(RollEntry, Patron, Ballot.receipt)
        .join(Patron, RollEntry.patron_id == Patron.id)
        .join(Ballot, Ballot.roll_entry_id == RollEntry.id)
        .where(RollEntry.round_id == round.id, RollEntry.voted_at.is_not(None), RollEntry.confirmed_at.is_(None))
        .order_by(RollEntry.voted_at)
        .limit(BATCH)
        # Who takes her ballot back at this moment, or has, gets no receipt for it.
        .with_for_update(of=(RollEntry, Ballot))
    )
    found = session.execute(waiting).all()
    for entry, patron, receipt in found:
        entry.confirmed_at = now
        if patron.email is not None:
            _confirm(session, round, patron, receipt, entry.voted_at)
    return len(found)


def _confirm(session: Session, round: Round, patron: Patron, receipt: str, voted_at: datetime | None) -> None:
    mail.write(
        session,
        "vote_receipt",
        to=str(patron.email),
        locale=patron.locale,
        about=round.slug,
        # Before the work of the closing, however many have voted by then.
        queued_at=voted_at,
        round_title=round.title,
        receipt=receipt,
        closes_at=round.closes_at.isoformat(),
        url=f"/vote/{round.slug}",
    )


def are_receipts_waiting(session: Session, round: Round) -> bool:
    """Whether somebody who voted has no receipt yet: its letter is not written, or has not left."""
    unsent = select(Letter.id).where(*_unsent(round)).limit(1)
    return are_receipts_unwritten(session, round) or session.scalar(unsent) is not None


def are_receipts_unwritten(session: Session, round: Round) -> bool:
    """Whether the letter with a receipt is still to be written for somebody who voted."""
    unwritten = (
        select(RollEntry.id)
        .join(Patron, RollEntry.patron_id == Patron.id)
        .where(RollEntry.round_id == round.id, RollEntry.voted_at.is_not(None), RollEntry.confirmed_at.is_(None))
        .where(Patron.email.is_not(None))
    )
    return session.scalar(unwritten.limit(1)) is not None


def _unsent(round: Round) -> tuple[ColumnElement[bool], ...]:
    ours = Letter.key.startswith(f"vote_receipt:{round.slug}:")
    return Letter.kind == "vote_receipt", ours, Letter.sent_at.is_(None), Letter.refused_at.is_(None)


def forget_receipts(session: Session, round: Round, now: datetime) -> None:
    """Take the receipts out of letters that never left: they would tie voters to ballots, and the seal comes first."""
    session.execute(update(Letter).where(*_unsent(round)).values(values={}, refused_at=now))


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
