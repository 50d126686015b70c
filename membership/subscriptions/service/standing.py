"""What a patron's subscriptions are now, and what a change of one would be called."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from membership.subscriptions import rules
from membership.subscriptions.errors import NoSubscription, UnknownSubscription
from membership.subscriptions.models import Invoice, InvoiceStatus, Subscription, SubscriptionStatus

_FINAL = [status for status in SubscriptionStatus if status.is_final]
_PAYING = [SubscriptionStatus.ACTIVE, SubscriptionStatus.PAST_DUE]


@dataclass(frozen=True, slots=True)
class Change:
    """What to ask the provider for, as plain values; the key is the same for the same change of the same state."""

    stripe_subscription_id: str
    key: str
    is_needed: bool
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class Pause:
    """A pause to ask for, or to end; `charge_now` when the time that she paid for is over."""

    change: Change
    until: datetime | None = None
    charge_now: bool = False


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
    is_late = rules.standing_of(found) is rules.Standing.LATE
    return replace(_change("cancel", found, found.cancel_at is None), is_late=is_late)


def plan_continuation(session: Session, patron_id: int) -> Change:
    """Plan to take an ending back; raises NoSubscription."""
    found = get_live_subscription(session, patron_id)
    return _change("undo", found, found.cancel_at is not None)


def plan_pause(session: Session, patron_id: int, months: int) -> Pause:
    """Plan to ask for nothing for some months; raises NoSubscription and why it cannot be paused."""
    found = get_live_subscription(session, patron_id)
    rules.admit_change(found)
    return Pause(_change("pause", found, True), until=rules.pause_until(found, months))


def plan_resumption(session: Session, patron_id: int, now: datetime) -> Pause:
    """Plan to go on before a pause is over; raises NoSubscription."""
    found = get_live_subscription(session, patron_id)
    invoices = session.scalars(select(Invoice).filter_by(subscription_id=found.id)).all()
    paid = rules.paid_through(invoices)
    is_over = (paid is None or paid <= now) and not rules.is_debited(invoices, now)
    return Pause(_change("resume", found, found.paused_until is not None), charge_now=is_over)


def plan_release(session: Session, patron_id: int) -> Change:
    """Plan to let a planned change of price not happen; raises NoSubscription."""
    found = get_live_subscription(session, patron_id)
    return _change("keep", found, found.next_price_id is not None)


def list_open_invoices(session: Session, stripe_subscription_id: str) -> list[str]:
    """List the invoices that still ask for money, the newest first."""
    asking = select(Invoice.stripe_invoice_id).join(Subscription)
    asking = asking.where(Subscription.stripe_subscription_id == stripe_subscription_id)
    asking = asking.where(Invoice.status == InvoiceStatus.OPEN)
    return list(session.scalars(asking.order_by(Invoice.created_at.desc(), Invoice.id.desc())))


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
