"""What a recipient pays herself rests while her gift runs: nobody pays for days that she was given."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from membership.gifts.models import GiftPause, PauseStatus
from membership.subscriptions import rules as orders
from membership.subscriptions.models import Invoice, Subscription, SubscriptionStatus
from membership.subscriptions.service import Change, live_subscription
from membership.terms import service as terms
from membership.terms.models import Term
from membership.tiers.models import Interval

_MAY_REST = (SubscriptionStatus.ACTIVE, SubscriptionStatus.TRIALING, SubscriptionStatus.PAST_DUE)
# The letter about a pause that ends is written a week before; a day is for the worker to write it.
NOTICE = timedelta(days=8)
# Longer than any request that may still be waiting for its answer.
PATIENCE = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class PausePlan:
    """A pause to ask for, as plain values."""

    pause_id: int
    change: Change
    until: datetime


@dataclass(frozen=True, slots=True)
class Resumption:
    """A pause that is over where no renewal follows by itself: a period begins now, and is charged."""

    pause_id: int
    change: Change
    until: datetime


def resting(session: Session, patron_id: int) -> Subscription | None:
    """Return what would rest if the patron accepted a gift now, if anything would."""
    own = live_subscription(session, patron_id)
    return own if own is not None and own.status in _MAY_REST and own.cancel_at is None else None


def paid_until(session: Session, patron_id: int) -> datetime | None:
    """Return until when a patron has paid herself, what is being charged right now included."""
    own = live_subscription(session, patron_id)
    if own is None or own.status not in (SubscriptionStatus.ACTIVE, SubscriptionStatus.TRIALING):
        return None
    return _paid_through(session, own) if own.paused_until else own.period_ends_at


def _paid_through(session: Session, own: Subscription) -> datetime | None:
    return orders.paid_through(session.scalars(select(Invoice).filter_by(subscription_id=own.id)))


def let_rest(session: Session, gift_id: int, term: Term, now: datetime) -> GiftPause | None:
    """Write down that what the patron pays rests until the term is over; None if nothing is to rest for so long.

    What is paid monthly goes on with the renewal that follows, and the term lasts until then: no day is between.
    """
    own = resting(session, term.patron_id)
    if own is None:
        return None
    if own.price.interval is Interval.MONTH:
        terms.last_until(term, orders.first_renewal_from(own, term.ends_at))
    until = (term.ends_at - orders.PAUSE_MARGIN).replace(microsecond=0)
    if own.paused_until is not None and own.paused_until >= until:
        return None
    pause = GiftPause(gift_id=gift_id, subscription=own, status=PauseStatus.WANTED, until=until, changed_at=now)
    own.rests_until = until
    session.add(pause)
    session.flush()
    return pause


def fit(session: Session, term: Term) -> None:
    """Let a term that moved last until the month that follows it, if one that she pays follows by itself."""
    own = resting(session, term.patron_id)
    if own is not None and own.price.interval is Interval.MONTH:
        terms.last_until(term, orders.first_turn_from(own, term.ends_at))


def shorten(session: Session, gift_id: int, given_until: datetime | None, now: datetime) -> None:
    """Let what she pays go on because her gift was taken back: with its next renewal, and never untold.

    What she was given besides still counts, and who has used up what she paid is told a week before she is charged.
    """
    pause = session.scalar(select(GiftPause).filter_by(gift_id=gift_id).where(GiftPause.status != PauseStatus.OVER))
    if pause is None:
        return
    own = pause.subscription
    if own.paused_until != pause.until:
        # Another gift lets it rest for longer, or she went on by herself.
        pause.status = PauseStatus.OVER
        return
    kept = [moment for moment in (given_until, _paid_through(session, own)) if moment is not None and moment > now]
    until = max(max(kept) - orders.PAUSE_MARGIN, now + orders.PAUSE_MARGIN) if kept else now + NOTICE
    pause.until, pause.changed_at = min(pause.until, until.replace(microsecond=0)), now
    pause.status = PauseStatus.WANTED


def lengthen(session: Session, moved: Sequence[Term], now: datetime) -> None:
    """Let what rests beside gifts rest until the last of those that begin later now is over."""
    for last in moved[-1:]:
        fit(session, last)
        own = resting(session, last.patron_id)
        running = select(GiftPause).where(GiftPause.status != PauseStatus.OVER).order_by(GiftPause.until.desc())
        pause = session.scalar(running.filter_by(subscription_id=own.id).limit(1)) if own else None
        until = (last.ends_at - orders.PAUSE_MARGIN).replace(microsecond=0)
        if pause is not None and pause.until < until:
            pause.subscription.rests_until = until
            pause.until, pause.changed_at, pause.status = until, now, PauseStatus.WANTED


def plan_of(pause: GiftPause) -> PausePlan:
    """Return what is to be asked for a pause; the same again while it is the same wish."""
    key = f"gift_pause:{pause.id}:{int(pause.until.timestamp())}"
    return PausePlan(pause.id, Change(pause.subscription.stripe_subscription_id, key, True), pause.until)


def find_wanted(session: Session, gift_id: int) -> PausePlan | None:
    """Return what is still to be asked because of a gift."""
    pause = session.scalar(select(GiftPause).filter_by(gift_id=gift_id, status=PauseStatus.WANTED))
    return plan_of(pause) if pause else None


def list_wanted(session: Session, now: datetime) -> list[PausePlan]:
    """List the pauses that got no answer for a while."""
    stuck = select(GiftPause).filter_by(status=PauseStatus.WANTED).where(GiftPause.changed_at <= now - PATIENCE)
    return [plan_of(pause) for pause in session.scalars(stuck.order_by(GiftPause.id))]


def conclude(session: Session, plan: PausePlan, status: PauseStatus) -> None:
    """Record what became of a wish, unless another one has taken its place while Stripe was asked."""
    asked = update(GiftPause).filter_by(id=plan.pause_id, until=plan.until, status=PauseStatus.WANTED)
    session.execute(asked.values(status=status))


def end_pause(session: Session, resumption: Resumption) -> None:
    """Record that a pause is over, unless it has been made longer while Stripe was asked."""
    over = update(GiftPause).filter_by(id=resumption.pause_id, until=resumption.until, status=PauseStatus.PAUSED)
    session.execute(over.values(status=PauseStatus.OVER))


def list_due(session: Session, now: datetime) -> list[Resumption]:
    """List the pauses that are over now; `change.is_needed` where a charge of its own is due to go on."""
    over = select(GiftPause).filter_by(status=PauseStatus.PAUSED).where(GiftPause.until <= now - orders.PAUSE_MARGIN)
    return [_resumption(session, pause, now) for pause in session.scalars(over.order_by(GiftPause.id))]


def _resumption(session: Session, pause: GiftPause, now: datetime) -> Resumption:
    own, paid = pause.subscription, _paid_through(session, pause.subscription)
    is_hers = own.paused_until == pause.until and own.status is SubscriptionStatus.ACTIVE and own.cancel_at is None
    is_needed = is_hers and own.price.interval is not Interval.MONTH and (paid is None or paid <= now)
    change = Change(own.stripe_subscription_id, f"gift_resume:{pause.id}:{int(pause.until.timestamp())}", is_needed)
    return Resumption(pause.id, change, pause.until)
