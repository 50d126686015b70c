"""The one place that compares what a site was told last with how things are, and tells the difference."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, select, union_all, update
from sqlalchemy.orm import Session

from membership.access.models import Comp, SiteSubject
from membership.access.service import decide_for
from membership.groups.models import Group, Seat
from membership.inserts import insert_unless_known
from membership.notifications.models import SiteEndpoint, ToldDecision
from membership.notifications.rules import CHANGED, NOTHING, Told, told_of, turns_at, write_change
from membership.notifications.service.delivering import put
from membership.terms.models import Term

BATCH = 200
_TOLD = and_(ToldDecision.site_id == SiteSubject.site_id, ToldDecision.subject == SiteSubject.subject)


def tell_changes(session: Session, patron_id: int, now: datetime, *, has_changed: bool) -> None:
    """Tell every site that knows a patron what it was not told yet.

    Unless something has changed, whom a site knew before it registered its address is only noted.
    """
    wanted = _known(SiteSubject, SiteEndpoint.known_through).where(SiteSubject.patron_id == patron_id)
    rows = [
        (told, has_changed or not is_new or subject.id > known_through)
        for subject, known_through in session.execute(wanted.order_by(SiteSubject.id)).all()
        for told, is_new in [_locked(session, subject, now)]
    ]
    if not rows:
        return
    # Locked first and decided after, so that of two changes at once the later one is told as it is.
    decision = decide_for(session, patron_id, now)
    check_at = turns_at(decision, _begins_at(session, patron_id, now), now)
    for told, is_news in rows:
        told.check_at = check_at
        _tell(session, told, told_of(decision), now, is_news=is_news)


def find_due(session: Session, now: datetime) -> list[int]:
    """Return patrons whose time has come to be looked at again, and those never looked at, so many at a time."""
    never = _known(SiteSubject.patron_id).outerjoin(ToldDecision, _TOLD).where(ToldDecision.id.is_(None))
    due = (
        _known(SiteSubject.patron_id, ToldDecision.check_at)
        .join(ToldDecision, _TOLD)
        .where(ToldDecision.check_at <= now)
    )
    first_due = session.scalars(due.order_by(ToldDecision.check_at).limit(BATCH))
    return list(dict.fromkeys([*first_due, *session.scalars(never.limit(BATCH))]))


def look_again(session: Session, now: datetime) -> None:
    """Let every reader be looked at again, as after a change of what a tier gives."""
    session.execute(update(ToldDecision).values(check_at=now))


def tell_gone(session: Session, now: datetime) -> int:
    """Tell sites of readers who are not known here any more, and forget them; return how many there were."""
    wanted = select(ToldDecision).join(SiteEndpoint, SiteEndpoint.site_id == ToldDecision.site_id)
    is_gone = ~select(SiteSubject.id).where(SiteSubject.subject == ToldDecision.subject).exists()
    gone = session.scalars(wanted.where(is_gone, SiteEndpoint.disabled_at.is_(None)).limit(BATCH)).all()
    for told in gone:
        if _as_told(told) != NOTHING:
            put(session, told.site_id, CHANGED, write_change(told.subject, NOTHING, told.version + 1, now), now)
        session.delete(told)
    return len(gone)


def _known(*what: Any) -> Select[Any]:
    known = select(*what).select_from(SiteSubject)
    return known.join(SiteEndpoint, SiteEndpoint.site_id == SiteSubject.site_id).where(
        SiteEndpoint.disabled_at.is_(None)
    )


def _tell(session: Session, told: ToldDecision, present: Told, now: datetime, *, is_news: bool) -> None:
    if _as_told(told) == present:
        return
    told.state, told.tier, told.flags = present.state, present.tier, list(present.flags)
    told.valid_until = present.valid_until
    if is_news:
        told.version += 1
        put(session, told.site_id, CHANGED, write_change(told.subject, present, told.version, now), now)


def _locked(session: Session, subject: SiteSubject, now: datetime) -> tuple[ToldDecision, bool]:
    key = {"site_id": subject.site_id, "subject": subject.subject}
    nothing: dict[str, Any] = {"state": NOTHING.state, "flags": [], "tier": None, "valid_until": None}
    added = insert_unless_known(session, ToldDecision, {**key, **nothing, "version": 0, "check_at": now})
    return session.scalars(select(ToldDecision).filter_by(**key).with_for_update()).one(), added is not None


def _begins_at(session: Session, patron_id: int, now: datetime) -> datetime | None:
    seats = select(func.min(Group.starts_at)).join(Seat, Seat.group_id == Group.id)
    begins = union_all(
        *(
            select(func.min(cause.starts_at)).where(cause.patron_id == patron_id, cause.starts_at > now)
            for cause in (Comp, Term)
        ),
        seats.where(Seat.patron_id == patron_id, Seat.ended_at.is_(None), Group.starts_at > now),
    )
    return min((moment for moment in session.scalars(begins) if moment is not None), default=None)


def _as_told(told: ToldDecision) -> Told:
    return Told(told.state, told.tier, tuple(told.flags), told.valid_until)
