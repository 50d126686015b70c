"""Drafts: set to another time, thrown away, and told of when they could not open."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from membership.audit import service as audit
from membership.errors import Conflict
from membership.mail import service as mail
from membership.patrons.models import Role
from membership.patrons.rules import reaches
from membership.patrons.service.staff import list_staff
from membership.voting import rules
from membership.voting.errors import RoundNotDraft
from membership.voting.models import Round, RoundGuest, RoundState, RoundTopic
from membership.voting.service.ballots import lock_round


def set_times(session: Session, round: Round, times: tuple[datetime, datetime], now: datetime, *, actor: str) -> None:
    """Let a draft open and close at other times; one that could not open is tried again at the new one.

    Raises RoundNotDraft, OpensTooEarly, ClosesTooEarly or ClosesTooLate.
    """
    moment = hold_draft(session, round, now)
    rules.check_times(*times, moment)
    round.opens_at, round.closes_at = times
    round.opening_failed_at = round.opening_failure = None
    told = {"opens_at": times[0].isoformat(), "closes_at": times[1].isoformat()}
    audit.note(session, actor=actor, action="round.times_set", subject=f"round:{round.slug}", **told)


def delete_round(session: Session, round: Round, now: datetime, *, actor: str) -> None:
    """Throw a draft away; its topics are free for other ballots. Raises RoundNotDraft."""
    hold_draft(session, round, now)
    topics = round.slugs
    for kind in (RoundGuest, RoundTopic):
        session.execute(delete(kind).filter_by(round_id=round.id))
    session.execute(delete(Round).filter_by(id=round.id))
    session.expunge(round)
    audit.note(session, actor=actor, action="round.deleted", subject=f"round:{round.slug}", topics=topics)


def record_unopened(session: Session, round: Round, refusal: Conflict, now: datetime, *, actor: str) -> None:
    """Keep why a draft could not open when its time came, and write to those of the staff who can mend it, once.

    It is not tried again before somebody sets a new time, which somebody may have done meanwhile.
    """
    moment = lock_round(session, round, now)
    if round.state is not RoundState.DRAFT or round.opening_failed_at is not None or moment < round.opens_at:
        return
    round.opening_failed_at, round.opening_failure = moment, type(refusal).__name__
    for staff in list_staff(session):
        if staff.disabled_at is None and staff.patron.email and reaches(staff.role, Role.EDITOR):
            mail.write(
                session,
                "round_not_opened",
                to=staff.patron.email,
                locale=staff.patron.locale,
                about=f"{round.slug}:{moment.isoformat()}",
                round_title=round.title,
                why=round.opening_failure,
                round_url=f"/staff/votes/rounds/{round.slug}",
            )
    audit.note(
        session, actor=actor, action="round.not_opened", subject=f"round:{round.slug}", why=round.opening_failure
    )


def hold_draft(session: Session, round: Round, now: datetime) -> datetime:
    """Hold a draft as it is, and return the moment that counts. Raises RoundNotDraft."""
    moment = lock_round(session, round, now)
    if round.state is not RoundState.DRAFT:
        raise RoundNotDraft
    return moment
