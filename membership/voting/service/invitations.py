"""Letters to those on the roll: one when a round opens, one before it closes to who has not voted."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from membership.mail import service as mail
from membership.patrons.models import Letters, LetterWish, Patron
from membership.patrons.service import stop_path, wishes_of
from membership.voting.models import BallotLink, RollEntry, Round, RoundState
from membership.voting.service.links import new_link

BATCH = 200
INVITATION, REMINDER = "round_invitation", "round_reminder"
BEFORE_CLOSE = timedelta(hours=48)
AFTER_OPENING = timedelta(hours=24)


def list_due_to_remind(session: Session, now: datetime) -> list[str]:
    """Return the slugs of open rounds that close soon and did not open just now."""
    open_now = session.scalars(select(Round).where(Round.state == RoundState.OPEN, Round.closes_at > now))
    return [round.slug for round in open_now if _is_time(round, now)]


def _is_time(round: Round, now: datetime) -> bool:
    is_old_enough = round.opened_at is not None and now - round.opened_at >= AFTER_OPENING
    return is_old_enough and round.closes_at - now <= BEFORE_CLOSE


def invite_some(session: Session, round: Round, kind: str, after: int, now: datetime) -> int:
    """Write to the next on the roll, past this entry, who have no letter of this kind yet; return the last, or 0.

    A reminder goes only to those without a ballot, and neither to those who want no invitations.
    """
    if not round.is_taking(now):
        return 0
    written = select(BallotLink.roll_entry_id).where(BallotLink.round_id == round.id, BallotLink.kind == kind)
    waiting = (
        select(RollEntry, Patron)
        .join(Patron, RollEntry.patron_id == Patron.id)
        .where(RollEntry.round_id == round.id, RollEntry.id > after, RollEntry.struck_at.is_(None))
        .where(Patron.email.is_not(None), RollEntry.id.not_in(written))
    )
    if kind == REMINDER:
        waiting = waiting.where(RollEntry.voted_at.is_(None))
    found = session.execute(waiting.order_by(RollEntry.id).limit(BATCH)).all()
    wishes = wishes_of(session, [patron for _, patron in found])
    for entry, patron in found:
        if Letters.VOTES not in wishes[patron.id].stopped:
            _write(session, round, (kind, new_link(session, entry, kind, now)), patron, wishes[patron.id])
    return found[-1][0].id if found else 0


def _write(session: Session, round: Round, link: tuple[str, str], patron: Patron, wish: LetterWish) -> None:
    kind, token = link
    mail.write(
        session,
        kind,
        to=str(patron.email),
        locale=patron.locale,
        about=round.slug,
        round_title=round.title,
        topic_titles=[entry.topic.title for entry in round.topics],
        closes_at=round.closes_at.isoformat(),
        is_live=round.is_live,
        is_signed=not round.is_anonymous,
        hold_hours=round.hold_hours,
        url=f"/vote/{round.slug}/open/{token}",
        stop_url=stop_path(wish),
    )
