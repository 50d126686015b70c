"""Pauses that end: nobody is charged again without having been told."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from membership.subscriptions import rules
from membership.subscriptions import service as subscriptions
from membership.subscriptions.models import Purpose, Subscription, SubscriptionStatus

NOTICE = timedelta(days=7)


def remind_of_pauses(session: Session, now: datetime) -> None:
    """Write to each patron whose pause ends within a week, once for each pause."""
    soon = select(Subscription).where(
        Subscription.status == SubscriptionStatus.ACTIVE,
        Subscription.cancel_at.is_(None),
        Subscription.paused_until > now,
        Subscription.paused_until <= now + NOTICE,
    )
    for subscription in session.scalars(soon.order_by(Subscription.id)):
        next_at = rules.pays_again_at(subscription).isoformat()
        subscriptions.write(
            session,
            "pause_ending",
            subscription,
            about=f"{subscription.id}:{next_at}",
            next_at=next_at,
            stop_link=subscriptions.link_for(session, subscription, Purpose.STOP),
            **subscriptions.amount_of(subscription.price),
        )
