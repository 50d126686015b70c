"""Two accounts of one person become one, in one transaction: everything goes over, nothing counts twice."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from membership.audit.service import note
from membership.groups import service as groups
from membership.jobs.service import enqueue
from membership.merging.errors import ErasureComes, SameAccount, StaffMerged
from membership.merging.service import money, person
from membership.notifications.service import TELL
from membership.patrons.models import Merger, Patron
from membership.patrons.rules import is_active_staff
from membership.privacy.models import Erasure
from membership.topics import service as topics
from membership.topics.models import Topic, TopicComment, TopicFollower
from membership.voting import service as voting


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeWish:
    """Which account goes, which stays, why; `keep_both` where each of them pays and both shall go on."""

    leaving: Patron
    staying: Patron
    reason: str
    keep_both: bool = False


@dataclass(frozen=True, slots=True)
class Merged:
    """How many rows of each kind went over, and what did not simply do so.

    `site_names_ended` lead nowhere any more; in `rounds_struck` one line of the roll ended; `both_pay` names the tiers
    that she goes on paying for twice; `terms_later` counts the stretches of given time that follow others now.
    """

    moved: dict[str, int]
    site_names_ended: int
    rounds_struck: list[str]
    both_pay: list[str]
    terms_later: int


def merge(session: Session, wish: MergeWish, now: datetime, *, actor: str) -> Merged:
    """Let one account be part of another of the same person; rolled back, it tells what it would do.

    Raises SameAccount, StaffMerged, ErasureComes, BothPay or BothChoose.
    """
    leaving, staying = wish.leaving, wish.staying
    _lock(session, leaving, staying)
    _admit(session, leaving, staying)
    orders, both_pay = money.move_subscriptions(session, leaving, staying, wish.keep_both)
    moved = {"subscriptions": orders} | money.move_rows(session, leaving, staying, now)
    later = money.line_up(session, staying, now)
    moved["seats"] = groups.hand_over_seats(session, leaving, staying, now)
    moved["topics"] = _move_topics(session, leaving, staying)
    moved["site_subjects"], ended = person.move_site_names(session, leaving, staying)
    person.join_wishes(session, leaving, staying)
    person.shut(session, leaving)
    person.empty(session, leaving, staying)
    _lead(session, leaving, staying, now)
    enqueue(session, TELL, f"{TELL}:merged:{leaving.id}", {"patron_id": staying.id})
    moved["roll_entries"], struck = voting.hand_over_voter(
        session, leaving, staying, now, reason=wish.reason, actor=actor
    )
    told = Merged({name: rows for name, rows in moved.items() if rows}, ended, struck, both_pay, later)
    about = f"patron:{leaving.public_id}"
    note(session, actor=actor, action="patron.merged", subject=about, into=staying.public_id, reason=wish.reason)
    return told


def _lock(session: Session, leaving: Patron, staying: Patron) -> None:
    """Hold both accounts, always in the same order, as they are now."""
    both = select(Patron).where(Patron.id.in_((leaving.id, staying.id))).order_by(Patron.id)
    session.scalars(both.with_for_update(of=Patron).execution_options(populate_existing=True)).all()


def _admit(session: Session, leaving: Patron, staying: Patron) -> None:
    if leaving.id == staying.id:
        raise SameAccount
    if is_active_staff(leaving):
        raise StaffMerged
    if session.scalar(select(Erasure.id).where(Erasure.patron_id.in_((leaving.id, staying.id))).limit(1)):
        raise ErasureComes


def _move_topics(session: Session, leaving: Patron, staying: Patron) -> int:
    parts = (Topic.suggested_by_id, TopicComment.patron_id, TopicFollower.patron_id)
    counted = [session.scalar(select(func.count()).where(column == leaving.id)) or 0 for column in parts]
    topics.hand_over_patron(session, leaving, staying)
    return sum(counted)


def _lead(session: Session, leaving: Patron, staying: Patron, now: datetime) -> None:
    """Let the emptied account lead to the one that stays, and so what went over into it before."""
    session.execute(update(Merger).filter_by(into_id=leaving.id).values(into_id=staying.id))
    session.add(Merger(patron_id=leaving.id, into_id=staying.id, merged_at=now))
    session.flush()
