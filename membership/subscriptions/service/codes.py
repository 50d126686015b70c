"""What a code makes of what is given: how much it is meanwhile, and from when on the whole is asked."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from membership.money import Money
from membership.subscriptions import rules
from membership.subscriptions.models import IntentStatus, Subscription, SubscriptionIntent
from membership.tiers.models import Coupon, CouponDuration, Interval
from membership.tiers.rules import is_meant_for, reduced


@dataclass(frozen=True, slots=True)
class Reduction:
    """What each payment is with a code; the whole is asked from `full_at` on, after one payment or more, or never."""

    amount: Money
    interval: Interval
    payments: int = 0
    full_at: datetime | None = None


def reduction_of(coupon: Coupon, amount: Money, interval: Interval, first_at: datetime) -> Reduction:
    """Return what a code makes of an amount that is asked for the first time at a moment."""
    less = reduced(coupon, amount)
    if coupon.duration is CouponDuration.FOREVER:
        return Reduction(less, interval)
    payments = -(-(coupon.months or 1) // interval.months)
    full_at = rules.months_after(first_at, payments * interval.months, first_at.day)
    return Reduction(less, interval, payments, full_at)


def reduction_for(intent: SubscriptionIntent) -> Reduction | None:
    """Return what the code of a wish makes of its price, if it has one."""
    price, first_at = intent.price, intent.trial_ends_at or intent.created_at
    return reduction_of(intent.coupon, price.amount, price.interval, first_at) if intent.coupon else None


def find_reduction(session: Session, subscription: Subscription, now: datetime) -> Reduction | None:
    """Return what a code still makes of what somebody gives, if she came with one."""
    mine = select(SubscriptionIntent).filter_by(patron_id=subscription.patron_id, status=IntentStatus.COMPLETED)
    intent = session.scalar(mine.order_by(SubscriptionIntent.id.desc()).limit(1))
    price = subscription.price
    if intent is None or intent.coupon is None or not is_meant_for(intent.coupon, price):
        return None
    first_at = intent.trial_ends_at or subscription.started_at
    found = reduction_of(intent.coupon, price.amount, price.interval, first_at)
    return found if found.full_at is None or found.full_at > now else None
