"""What a patron's subscriptions are now, and what a change of one would be called."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from membership.subscriptions.errors import NoSubscription, UnknownSubscription
from membership.subscriptions.models import Subscription, SubscriptionStatus

_FINAL = [status for status in SubscriptionStatus if status.is_final]
_PAYING = [SubscriptionStatus.ACTIVE, SubscriptionStatus.PAST_DUE]


@dataclass(frozen=True, slots=True)
class Change:
    """What to ask the provider for, as plain values; the key is the same for the same change of the same state."""

    stripe_subscription_id: str
    key: str
    is_needed: bool


def live_subscription(session: Session, patron_id: int) -> Subscription | None:
    """Return the patron's one subscription that has not ended, if any; a surplus one is not it."""
    return session.scalar(
        select(Subscription).filter_by(patron_id=patron_id, is_surplus=False).where(Subscription.status.not_in(_FINAL))
    )


def get_live_subscription(session: Session, patron_id: int) -> Subscription:
    """Return the patron's live subscription, or raise NoSubscription."""
    subscription = live_subscription(session, patron_id)
    if subscription is None:
        raise NoSubscription
    return subscription


def list_subscriptions_of(session: Session, patron_id: int) -> list[Subscription]:
    """List the patron's subscriptions, newest first, ended and surplus ones too."""
    mine = select(Subscription).filter_by(patron_id=patron_id)
    return list(session.scalars(mine.order_by(Subscription.started_at.desc(), Subscription.id.desc())))


def list_surplus(session: Session) -> list[Subscription]:
    """List the live subscriptions that stand beside another live one of their patron."""
    surplus = select(Subscription).filter_by(is_surplus=True).where(Subscription.status.not_in(_FINAL))
    return list(session.scalars(surplus.order_by(Subscription.id)))


def plan_stop(session: Session, patron_id: int) -> Change:
    """Plan to end the patron's subscription with its period; raises NoSubscription."""
    found = get_live_subscription(session, patron_id)
    return _change("cancel", found, found.cancel_at is None)


def plan_continuation(session: Session, patron_id: int) -> Change:
    """Plan to take an ending back; raises NoSubscription."""
    found = get_live_subscription(session, patron_id)
    return _change("undo", found, found.cancel_at is not None)


def plan_end(session: Session, stripe_subscription_id: str) -> Change:
    """Plan to end a subscription at once, a surplus one too; raises UnknownSubscription."""
    found = session.scalar(select(Subscription).filter_by(stripe_subscription_id=stripe_subscription_id))
    if found is None:
        raise UnknownSubscription
    return _change("cancel_now", found, not found.status.is_final)


def _change(act: str, subscription: Subscription, is_needed: bool) -> Change:
    stripe_id = subscription.stripe_subscription_id
    return Change(stripe_id, f"{act}:{stripe_id}:{subscription.version}", is_needed)


def count_readers_who_pay(session: Session) -> int:
    """Count the patrons whose subscription runs now."""
    paying = select(func.count(func.distinct(Subscription.patron_id))).where(Subscription.status.in_(_PAYING))
    return session.scalar(paying) or 0
