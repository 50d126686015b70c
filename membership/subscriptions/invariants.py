"""What must always hold about subscriptions; each finds the rows that offend, without personal data."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from membership.clock import utc_now
from membership.subscriptions.models import (
    IntentStatus,
    Invoice,
    InvoiceStatus,
    Subscription,
    SubscriptionIntent,
    SubscriptionStatus,
    VersionMark,
)
from membership.subscriptions.rules import BANK_DEBIT

# Of a first debit that failed while nobody heard of it, the provider tries again; only the last of them is seen.
_DEBITS = 3 * BANK_DEBIT


def one_live_subscription(session: Session) -> list[str]:
    """Find patrons with two live subscriptions, those that wait for staff included."""
    final = [status for status in SubscriptionStatus if status.is_final]
    live = select(Subscription.patron_id, func.count()).where(Subscription.status.not_in(final))
    twice = live.group_by(Subscription.patron_id).having(func.count() > 1)
    return [f"patron {patron} has {count} live subscriptions" for patron, count in session.execute(twice)]


def no_forgotten_checkout(session: Session) -> list[str]:
    """Find checkouts still called open long after they closed, the days of a bank debit and its retries allowed for."""
    return _left(session, IntentStatus.OPEN, utc_now() - _DEBITS)


def no_stuck_intent(session: Session) -> list[str]:
    """Find intents that the sweeper should have finished or failed."""
    return _left(session, IntentStatus.STARTED, utc_now())


def _left(session: Session, status: IntentStatus, expired_before: datetime) -> list[str]:
    left = select(SubscriptionIntent.id).filter_by(status=status)
    left = left.where(SubscriptionIntent.expires_at < expired_before)
    return [f"subscription intent {found}" for found in session.scalars(left)]


def endings_are_told(session: Session) -> list[str]:
    """Find subscriptions that ended without a time, or have a time and did not end."""
    ended = Subscription.status == SubscriptionStatus.ENDED
    wrong = select(Subscription.id).where(ended != Subscription.ended_at.is_not(None))
    wrong = wrong.where(Subscription.status != SubscriptionStatus.EXPIRED)
    return [f"subscription {found}" for found in session.scalars(wrong)]


def paid_invoices_have_a_time(session: Session) -> list[str]:
    """Find invoices whose status and time of payment disagree."""
    wrong = select(Invoice.id).where((Invoice.status == InvoiceStatus.PAID) != Invoice.paid_at.is_not(None))
    return [f"invoice {found}" for found in session.scalars(wrong)]


def versions_never_go_down(session: Session) -> list[str]:
    """Find subscriptions whose version is lower than it was once seen."""
    lower = select(Subscription.id).join(VersionMark, VersionMark.subscription_id == Subscription.id)
    lower = lower.where(Subscription.version < VersionMark.version)
    return [f"subscription {found}" for found in session.scalars(lower)]


INVARIANTS: dict[str, Callable[[Session], list[str]]] = {
    "I3 one live subscription per patron": one_live_subscription,
    "I6 ended subscriptions have an end": endings_are_told,
    "I6 paid invoices have a time": paid_invoices_have_a_time,
    "I15 no forgotten subscription checkout": no_forgotten_checkout,
    "I17 no version goes down": versions_never_go_down,
    "I18 no stuck subscription intent": no_stuck_intent,
}
