"""Prices that rise for those who are in a tier: told to each in time, then asked from her next renewal on."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from membership.subscriptions import rules
from membership.subscriptions import service as subscriptions
from membership.subscriptions.models import Purpose, RiseNotice, Subscription, SubscriptionStatus
from membership.tiers.models import Price, PriceKind, PriceRise
from membership.tiers.rules import FIRST_NOTICE, LEAST_NOTICE
from membership.tiers.service import list_rises


@dataclass(frozen=True, slots=True)
class Move:
    """A subscription that is to be asked another price, as plain values."""

    notice_id: int
    stripe_subscription_id: str
    stripe_item_id: str
    stripe_price_id: str


def tell_of_rises(session: Session, now: datetime) -> None:
    """Write to each patron who will be asked more, 45 days before she is, or later if it cannot be helped.

    Whoever is told later than 30 days before a renewal is asked the old price once more.
    """
    for rise in list_rises(session):
        for subscription in _untold(session, rise):
            due_at = rules.first_renewal_from(subscription, max(rise.takes_effect_at, now + LEAST_NOTICE))
            if due_at - now <= FIRST_NOTICE:
                _tell(session, rise, subscription, due_at, now)


def _untold(session: Session, rise: PriceRise) -> Iterator[Subscription]:
    told = select(RiseNotice.subscription_id).filter_by(rise_id=rise.id)
    cheaper = (
        select(Subscription)
        .join(Price, Price.id == Subscription.price_id)
        .where(Price.tier_id == rise.price.tier_id, Price.interval == rise.price.interval)
        .where(Price.amount_currency == rise.price.amount_currency, Price.amount_minor < rise.price.amount_minor)
        .where(Price.kind != PriceKind.CONCESSION, Subscription.id.not_in(told))
        .where(Subscription.status == SubscriptionStatus.ACTIVE, Subscription.cancel_at.is_(None))
    )
    yield from session.scalars(cheaper.order_by(Subscription.id))


def _tell(session: Session, rise: PriceRise, subscription: Subscription, due_at: datetime, now: datetime) -> None:
    session.add(RiseNotice(rise=rise, subscription=subscription, told_at=now, due_at=due_at))
    session.flush()
    subscriptions.write(
        session,
        "price_rise",
        subscription,
        about=f"{rise.id}:{subscription.id}",
        before=subscriptions.amount(subscription.price.amount),
        begins_at=due_at.isoformat(),
        stop_link=subscriptions.link_for(session, subscription, Purpose.STOP),
        **subscriptions.amount_of(rise.price),
    )


def list_moves(session: Session) -> list[Move]:
    """List the subscriptions whose next renewal is the one that they were told of."""
    waiting = select(RiseNotice).where(RiseNotice.moved_at.is_(None)).order_by(RiseNotice.id)
    return [_move(notice) for notice in session.scalars(waiting) if _is_due(notice)]


def _is_due(notice: RiseNotice) -> bool:
    subscription, price = notice.subscription, notice.rise.price
    is_cheaper = subscription.price.amount < price.amount and subscription.price.kind is not PriceKind.CONCESSION
    is_same = (subscription.price.tier_id, subscription.price.interval) == (price.tier_id, price.interval)
    is_running = subscription.status is SubscriptionStatus.ACTIVE and subscription.cancel_at is None
    is_free = notice.rise.called_off_at is None and subscription.next_price_id is None
    return is_cheaper and is_same and is_running and is_free and rules.pays_again_at(subscription) >= notice.due_at


def _move(notice: RiseNotice) -> Move:
    subscription = notice.subscription
    return Move(
        notice_id=notice.id,
        stripe_subscription_id=subscription.stripe_subscription_id,
        stripe_item_id=subscription.stripe_item_id,
        stripe_price_id=notice.rise.price.stripe_price_id or "",
    )


def record_move(session: Session, notice_id: int, now: datetime) -> None:
    """Record that a subscription is asked the new price."""
    session.get_one(RiseNotice, notice_id).moved_at = now
