"""What must always be true of whoever was erased."""

from collections.abc import Callable

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from membership.access.models import SiteSubject
from membership.donations.models import Donation
from membership.groups.models import Group, Seat
from membership.offline.models import BankLine, BankReference
from membership.patrons.models import LetterWish, Merger, Patron, SignIn, SignInLink
from membership.privacy.models import Erasure
from membership.subscriptions.models import Subscription, SubscriptionStatus
from membership.topics.models import Topic, TopicComment, TopicFollower
from membership.voting.models import RollEntry, RoundGuest
from membership.webhooks.models import StoredEvent
from membership.webhooks.service import EMPTY

_FINAL = [status for status in SubscriptionStatus if status.is_final]
_GONE = (
    SignIn.patron_id,
    SignInLink.patron_id,
    LetterWish.patron_id,
    BankReference.patron_id,
    RoundGuest.patron_id,
    Group.manager_id,
)
_CUT = (RollEntry.patron_id, TopicComment.patron_id, TopicFollower.patron_id, Topic.suggested_by_id)

_Emptied = aliased(Patron)
_left_behind = (Merger.into_id == Patron.id) & _Emptied.stripe_customer_id.is_not(None)


def still_known(session: Session) -> list[str]:
    """List the erasures that are done and left something of a person, or something that she still pays for."""
    named = or_(Patron.email.is_not(None), Patron.name != "", Patron.stripe_customer_id.is_not(None))
    typed = or_(Donation.email.is_not(None), Donation.message != "", Donation.honouree != "")
    numbered = (SiteSubject.patron_id == Patron.id) & SiteSubject.external_id.is_not(None)
    left = [
        named,
        select(SiteSubject.id).where(numbered).exists(),
        select(Donation.id).where(Donation.patron_id == Patron.id, typed).exists(),
        select(BankLine.id).where(BankLine.patron_id == Patron.id, BankLine.payer != "").exists(),
        select(Seat.id)
        .where(Seat.patron_id == Patron.id, or_(Seat.email.is_not(None), Seat.ended_at.is_(None)))
        .exists(),
        select(Subscription.id).where(Subscription.patron_id == Patron.id, Subscription.status.not_in(_FINAL)).exists(),
        select(_Emptied.id).join(Merger, Merger.patron_id == _Emptied.id).where(_left_behind).exists(),
        *(select(column).where(column == Patron.id).exists() for column in (*_GONE, *_CUT)),
    ]
    found = (
        select(Erasure.id).join(Patron, Patron.id == Erasure.patron_id).where(Erasure.done_at.is_not(None), or_(*left))
    )
    return [f"erasure {one}" for one in session.scalars(found.order_by(Erasure.id))]


def unmarked(session: Session) -> list[str]:
    """Name the patrons who are to be forgotten without a mark on them, or are marked without an erasure."""
    asked = select(Erasure.id).where(Erasure.patron_id == Patron.id).exists()
    found = select(Patron.public_id).where(Patron.erasure_asked_at.is_not(None) != asked)
    return [f"patron {public_id}" for public_id in session.scalars(found.order_by(Patron.id))]


def told_since(session: Session) -> list[str]:
    """List the messages that came after an erasure and are kept whole: her name may be in each, nobody knows it now."""
    first = select(func.min(Erasure.done_at)).scalar_subquery()
    found = select(StoredEvent.id).where(StoredEvent.received_at >= first, StoredEvent.payload != EMPTY)
    return [f"event {one}" for one in session.scalars(found.order_by(StoredEvent.id))]


INVARIANTS: dict[str, Callable[[Session], list[str]]] = {
    "I12 nothing is known of whoever was erased": still_known,
    "I12 no message names whoever was erased": told_since,
    "I12 whoever is being erased is marked": unmarked,
}
