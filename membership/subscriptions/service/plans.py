"""A price that is planned: set aside while its subscription is to end, and planned again if it goes on after all."""

import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from membership.clock import utc_now
from membership.subscriptions.models import ChangeMoment, ChangeStatus, Subscription, SubscriptionChange
from membership.subscriptions.service.standing import get_live_subscription
from membership.tiers.models import Price


def set_plan_aside(session: Session, patron_id: int) -> None:
    """Remember what is planned before an ending drops it; again changes nothing. Raises NoSubscription."""
    found = get_live_subscription(session, patron_id)
    if found.cancel_at is None:
        found.set_aside_price = found.next_price
        session.flush()


def take_plan_up(session: Session, subscription: Subscription) -> None:
    """Wish again for what was planned before an ending that was taken back, unless another wish waits."""
    price = subscription.set_aside_price
    if price is None:
        return
    subscription.set_aside_price = None
    if started_change(session, subscription.id) is None:
        new_change(session, subscription, price, ChangeMoment.PERIOD_END, utc_now())
    session.flush()


def started_change(session: Session, subscription_id: int) -> SubscriptionChange | None:
    """Return the wish that waits for its answer, if one does."""
    waiting = select(SubscriptionChange).filter_by(subscription_id=subscription_id, status=ChangeStatus.STARTED)
    return session.scalar(waiting)


def new_change(
    session: Session, subscription: Subscription, price: Price, moment: ChangeMoment, counted_from: datetime
) -> SubscriptionChange:
    """Write a wish for another price down."""
    change = SubscriptionChange(
        reference=f"chg_{secrets.token_hex(16)}",
        subscription=subscription,
        price=price,
        moment=moment,
        status=ChangeStatus.STARTED,
        counted_from=counted_from,
        created_at=utc_now(),
    )
    session.add(change)
    session.flush()
    return change
