"""An erasure: asked for, done at the provider first, then here, all or nothing."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from membership.access.models import Handover
from membership.audit.service import note
from membership.clock import utc_now
from membership.donations.models import Donation, DonationStatus
from membership.inserts import insert_unless_known
from membership.jobs.service import enqueue
from membership.patrons.models import Patron, SignInLink
from membership.patrons.rules import is_active_staff
from membership.patrons.service import list_merged, sign_ins
from membership.privacy.errors import StaffErased
from membership.privacy.models import Erasure
from membership.privacy.service.forgetting import forget, gave
from membership.subscriptions.models import IntentStatus, SubscriptionIntent
from membership.subscriptions.service import drop_started, list_subscriptions_of
from membership.terms.service import lock_patron

TURN = "erasures.turn"


@dataclass(frozen=True, slots=True)
class ErasurePlan:
    """What the provider must be asked for before anything is forgotten here, as plain values."""

    erasure_id: int
    stripe_subscription_ids: tuple[str, ...]
    stripe_session_ids: tuple[str, ...]
    stripe_customer_ids: tuple[str, ...]


def ask_erasure(session: Session, patron: Patron, *, actor: str, reason: str) -> Erasure:
    """Write down that a patron is to be forgotten: from now on nobody enters as her, and nothing is begun as her.

    Asked again, it changes nothing. Raises StaffErased.
    """
    lock_patron(session, patron.id)
    session.refresh(patron)
    if is_active_staff(patron):
        raise StaffErased
    if insert_unless_known(session, Erasure, {"patron_id": patron.id, "asked_at": utc_now()}) is not None:
        erasure = _get(session, patron.id)
        _shut(session, patron, erasure.asked_at)
        enqueue(session, TURN, f"{TURN}:asked:{erasure.id}", {})
        about = f"patron:{patron.public_id}"
        note(session, actor=actor, action="patron.erasure_asked", subject=about, reason=reason)
    return _get(session, patron.id)


def _shut(session: Session, patron: Patron, now: datetime) -> None:
    patron.erasure_asked_at, patron.confirmed_at = now, None
    sign_ins.end_all(session, patron.id)
    session.execute(delete(SignInLink).filter_by(patron_id=patron.id))
    session.execute(delete(Handover).filter_by(patron_id=patron.id))
    drop_started(session, patron.id)


def _get(session: Session, patron_id: int) -> Erasure:
    return session.scalars(select(Erasure).filter_by(patron_id=patron_id)).one()


def list_pending(session: Session) -> list[int]:
    """List the erasures that are asked for and not done."""
    return list(session.scalars(select(Erasure.id).where(Erasure.done_at.is_(None)).order_by(Erasure.id)))


def plan_erasure(session: Session, erasure_id: int) -> ErasurePlan:
    """Plan what to end at the provider: standing orders, pages where she could still pay, what it knows of her."""
    patron = session.get_one(Erasure, erasure_id).patron
    running = [one for one in list_subscriptions_of(session, patron.id) if not one.status.is_final]
    wishes = select(SubscriptionIntent.stripe_session_id).filter_by(patron_id=patron.id, status=IntentStatus.OPEN)
    gifts = select(Donation.stripe_session_id).where(gave(patron), Donation.status == DonationStatus.OPEN)
    accounts = (patron, *list_merged(session, patron.id))
    open_ones = [*session.scalars(wishes), *session.scalars(gifts)]
    return ErasurePlan(
        erasure_id,
        tuple(one.stripe_subscription_id for one in running),
        tuple(one for one in open_ones if one),
        tuple(one.stripe_customer_id for one in accounts if one.stripe_customer_id),
    )


def finish(session: Session, erasure_id: int) -> None:
    """Forget a patron whom the provider has forgotten; doing it again changes nothing."""
    found = select(Erasure).filter_by(id=erasure_id).with_for_update(of=Erasure)
    erasure = session.scalars(found.execution_options(populate_existing=True)).one()
    if erasure.done_at is not None:
        return
    forget(session, erasure.patron, utc_now())
    erasure.done_at = utc_now()
    note(session, actor="worker", action="patron.erased", subject=f"patron:{erasure.patron.public_id}")
