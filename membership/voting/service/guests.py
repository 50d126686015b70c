"""Guests of the newsroom: on a roll to be without being members, as long as the round is a draft."""

from dataclasses import dataclass

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from membership.audit import service as audit
from membership.clock import utc_now
from membership.patrons.models import Patron
from membership.voting.errors import AlreadyOnRoll, NoGuest
from membership.voting.models import RollEntry, Round, RoundGuest
from membership.voting.rules import check_reason
from membership.voting.service.drafts import hold_draft


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody whom the newsroom invited, and why."""

    patron: Patron
    reason: str


def invite_guest(session: Session, round: Round, patron: Patron, *, reason: str, actor: str) -> None:
    """Let somebody vote in a draft who need not be a member. Raises ReasonMissing, RoundNotDraft or AlreadyOnRoll."""
    reason = check_reason(reason)
    hold_draft(session, round, utc_now())
    if session.get(RoundGuest, (round.id, patron.id)) is not None:
        raise AlreadyOnRoll
    session.add(RoundGuest(round_id=round.id, patron_id=patron.id, reason=reason))
    audit.note(session, actor=actor, action="round.guest", subject=f"round:{round.slug}", reason=reason)


def uninvite_guest(session: Session, round: Round, patron: Patron, *, actor: str) -> None:
    """Take the invitation of a guest back while the round is a draft. Raises RoundNotDraft or NoGuest."""
    hold_draft(session, round, utc_now())
    guest = session.get(RoundGuest, (round.id, patron.id))
    if guest is None:
        raise NoGuest
    session.delete(guest)
    audit.note(session, actor=actor, action="round.guest_removed", subject=f"round:{round.slug}", reason=guest.reason)


def list_guests(session: Session, round: Round) -> list[Guest]:
    """Return the guests of a round, those with the oldest accounts first."""
    found = select(Patron, RoundGuest.reason).join(RoundGuest, RoundGuest.patron_id == Patron.id)
    rows = session.execute(found.where(RoundGuest.round_id == round.id).order_by(RoundGuest.patron_id))
    return [Guest(patron, reason) for patron, reason in rows]


def count_guests(session: Session, round: Round) -> int:
    """Return how many vote in an open round as guests; who was invited and is a member besides votes as a member."""
    is_same = and_(RollEntry.round_id == RoundGuest.round_id, RollEntry.patron_id == RoundGuest.patron_id)
    invited = select(func.count()).select_from(RoundGuest).join(RollEntry, is_same)
    as_guests = invited.where(RollEntry.tier.is_(None), RollEntry.struck_at.is_(None))
    return session.scalar(as_guests.where(RoundGuest.round_id == round.id)) or 0
