"""Notice every change of what can give access, in the transaction that makes it, and write down that sites be told."""

import secrets
from collections.abc import Iterable

from sqlalchemy import event, inspect, or_, select
from sqlalchemy.orm import Session, sessionmaker

from membership.access.models import Comp, SiteSubject
from membership.groups.models import Group, Seat
from membership.inserts import WRITTEN
from membership.jobs.service import enqueue
from membership.notifications.models import SiteEndpoint
from membership.patrons.models import Ban, Patron
from membership.subscriptions.models import Invoice, Subscription
from membership.terms.models import Term
from membership.tiers.models import Tier

TELL = "notifications.tell"
SWEEP = "notifications.sweep"
_PATRONS, _ORDERS, _GROUPS = "changed_patrons", "changed_orders", "changed_groups"
_EVERYBODY, _GONE = "changed_tiers", "deleted_names"
_OF_A_PATRON = (Subscription, Comp, Term, Ban, Seat)
_ANYWHERE = select(SiteEndpoint.id).where(SiteEndpoint.disabled_at.is_(None)).limit(1)


def follow(sessions: "sessionmaker[Session]") -> None:
    """Watch every session that these make."""
    event.listen(sessions, "after_flush", _notice)
    event.listen(sessions, "before_commit", _write_down)
    event.listen(sessions, "after_rollback", _forget)


def _notice(session: Session, _: object) -> None:
    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(row, _OF_A_PATRON):
            session.info.setdefault(_PATRONS, set()).add(row.patron_id)
        elif isinstance(row, Invoice):
            session.info.setdefault(_ORDERS, set()).add(row.subscription_id)
        elif isinstance(row, Group):
            session.info.setdefault(_GROUPS, set()).add(row.id)
    if any(isinstance(row, SiteSubject) for row in session.deleted):
        session.info[_GONE] = True
    for row in session.dirty:
        if isinstance(row, Patron) and _is_leaving(row):
            session.info.setdefault(_PATRONS, set()).add(row.id)
        elif isinstance(row, Tier) and session.is_modified(row, include_collections=False):
            session.info[_EVERYBODY] = True


def _is_leaving(patron: Patron) -> bool:
    told = inspect(patron).attrs
    return told.email.history.has_changes() or told.erasure_asked_at.history.has_changes()


def _write_down(session: Session) -> None:
    session.flush()
    written = {values["patron_id"] for model, values in session.info.pop(WRITTEN, ()) if model in _OF_A_PATRON}
    patrons, orders = session.info.pop(_PATRONS, set()) | written, session.info.pop(_ORDERS, set())
    groups = session.info.pop(_GROUPS, set())
    # An invitation that nobody has taken is nobody's.
    patrons.discard(None)
    is_for_everybody = session.info.pop(_EVERYBODY, False)
    # What a name stood for that is nobody's any more is told by the sweep.
    if (session.info.pop(_GONE, False) or is_for_everybody) and session.scalar(_ANYWHERE):
        enqueue(session, SWEEP, f"{SWEEP}:{secrets.token_hex(8)}", {"everybody": is_for_everybody})
    for patron_id in _known(session, patrons, orders, groups):
        enqueue(session, TELL, f"{TELL}:{patron_id}:{secrets.token_hex(8)}", {"patron_id": patron_id})


def _known(session: Session, patrons: set[int], orders: set[int], groups: set[int]) -> Iterable[int]:
    if not patrons and not orders and not groups:
        return ()
    behind = select(Subscription.patron_id).where(Subscription.id.in_(orders))
    seated = select(Seat.patron_id).where(Seat.group_id.in_(groups), Seat.patron_id.is_not(None))
    known = select(SiteSubject.patron_id).join(SiteEndpoint, SiteEndpoint.site_id == SiteSubject.site_id)
    wanted = known.where(or_(*(SiteSubject.patron_id.in_(those) for those in (patrons, behind, seated))))
    return session.scalars(wanted.where(SiteEndpoint.disabled_at.is_(None)).distinct()).all()


def _forget(session: Session) -> None:
    for name in (WRITTEN, _PATRONS, _ORDERS, _GROUPS, _EVERYBODY, _GONE):
        session.info.pop(name, None)
