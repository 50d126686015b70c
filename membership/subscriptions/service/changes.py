"""The wish for another price: committed before the provider is asked, one per subscription at a time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from membership.gateway.values import PriceChange, SubscriptionSnapshot
from membership.subscriptions import rules
from membership.subscriptions.errors import ChangeOnItsWay
from membership.subscriptions.models import ChangeMoment, ChangeStatus, Subscription, SubscriptionChange
from membership.subscriptions.service.intents import lock_patron
from membership.subscriptions.service.letters import write_about_change
from membership.subscriptions.service.mirror import sync_subscription
from membership.subscriptions.service.plans import new_change, started_change
from membership.subscriptions.service.standing import get_live_subscription
from membership.tiers.models import Price

JUST_NOW = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class ChangePlan:
    """What to ask the provider for, as plain values; the same plan may be asked for as often as need be."""

    reference: str
    moment: ChangeMoment
    wish: PriceChange
    created_at: datetime

    @property
    def key(self) -> str:
        return f"change:{self.reference}"


def consider_change(session: Session, patron_id: int, price: Price) -> tuple[Subscription, ChangeMoment]:
    """Return what would change, and when; raises NoSubscription or why it cannot be changed."""
    subscription = get_live_subscription(session, patron_id)
    rules.admit_change(subscription)
    return subscription, rules.moment_of_change(subscription.price, price)


def plan_preview(session: Session, patron_id: int, price_id: int, at: datetime) -> ChangePlan:
    """Return what a change would ask for if it were made at a moment; nothing is written down.

    Raises NoSubscription or why it cannot be changed.
    """
    price = session.get_one(Price, price_id)
    subscription, moment = consider_change(session, patron_id, price)
    return ChangePlan("", moment, _wish(subscription, price, at), at)


def intend_change(session: Session, patron_id: int, price_id: int, counted_from: datetime) -> ChangePlan:
    """Write down the wish for another price; the same wish is the same plan while it waits for its answer.

    Raises NoSubscription, why it cannot be changed, or ChangeOnItsWay.
    """
    lock_patron(session, patron_id)
    price = session.get_one(Price, price_id)
    subscription, moment = consider_change(session, patron_id, price)
    started = started_change(session, subscription.id)
    if started is not None and started.price_id != price_id:
        raise ChangeOnItsWay
    return plan_of(started or new_change(session, subscription, price, moment, counted_from))


def was_just_changed(session: Session, patron_id: int, price_id: int, now: datetime) -> bool:
    """Whether this very wish was granted a moment ago, as when a button is pressed twice. Raises NoSubscription."""
    subscription = get_live_subscription(session, patron_id)
    mine = select(SubscriptionChange).filter_by(subscription_id=subscription.id)
    last = session.scalar(mine.order_by(SubscriptionChange.id.desc()).limit(1))
    if last is None or last.status is not ChangeStatus.DONE or last.created_at < now - JUST_NOW:
        return False
    return price_id == last.price_id and price_id in {subscription.price_id, subscription.next_price_id}


def find_started_plan(session: Session, patron_id: int) -> ChangePlan | None:
    """Return the patron's wish that waits for its answer, if one does. Raises NoSubscription."""
    started = started_change(session, get_live_subscription(session, patron_id).id)
    return plan_of(started) if started else None


def plan_of(change: SubscriptionChange) -> ChangePlan:
    """Return what a wish asks for."""
    wish = _wish(change.subscription, change.price, change.counted_from)
    return ChangePlan(change.reference, change.moment, wish, change.created_at)


def _wish(subscription: Subscription, price: Price, at: datetime) -> PriceChange:
    return PriceChange(
        subscription_id=subscription.stripe_subscription_id,
        item_id=subscription.stripe_item_id,
        stripe_price_id=price.stripe_price_id or "",
        at=at,
    )


def record_change(session: Session, reference: str, snapshot: SubscriptionSnapshot) -> SubscriptionChange:
    """Record what the provider made of a wish, and write to the patron."""
    sync_subscription(session, snapshot)
    change = _lock(session, reference)
    if change.status is ChangeStatus.STARTED:
        change.status = _status(change, snapshot)
        write_about_change(session, change)
    return change


def _status(change: SubscriptionChange, snapshot: SubscriptionSnapshot) -> ChangeStatus:
    if change.price.stripe_price_id in {snapshot.stripe_price_id, snapshot.next_price_id}:
        return ChangeStatus.DONE
    return ChangeStatus.WAITING if snapshot.pending_until else ChangeStatus.FAILED


def fail_change(session: Session, reference: str) -> None:
    """Record that the provider refused, so that another wish can be tried."""
    change = _lock(session, reference)
    if change.status is ChangeStatus.STARTED:
        change.status = ChangeStatus.FAILED


def list_stuck_changes(session: Session, before: datetime) -> list[ChangePlan]:
    """List the wishes that were written down before a moment and never got an answer."""
    stuck = select(SubscriptionChange).where(
        SubscriptionChange.status == ChangeStatus.STARTED, SubscriptionChange.created_at < before
    )
    return [plan_of(change) for change in session.scalars(stuck.order_by(SubscriptionChange.id))]


def _lock(session: Session, reference: str) -> SubscriptionChange:
    wanted = select(SubscriptionChange).filter_by(reference=reference).with_for_update(of=SubscriptionChange)
    return session.scalars(wanted.execution_options(populate_existing=True)).one()
