"""What invoices pay for, how long patience lasts, and which news about a subscription is too old to believe."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from membership.gateway.values import LAST_MOMENT_TO_ASK, InvoiceSnapshot, SubscriptionSnapshot
from membership.subscriptions.models import (
    IntentStatus,
    Invoice,
    InvoiceStatus,
    Subscription,
    SubscriptionIntent,
    SubscriptionStatus,
)

GRACE = timedelta(days=14)
RENEWAL_SLACK = timedelta(days=3)

_STRIPE_WORDS = {"canceled": SubscriptionStatus.ENDED, "incomplete_expired": SubscriptionStatus.EXPIRED}
_UNPAID = {InvoiceStatus.OPEN, InvoiceStatus.UNCOLLECTIBLE}
_FINALITY = {
    InvoiceStatus.DRAFT: 0,
    InvoiceStatus.OPEN: 1,
    InvoiceStatus.UNCOLLECTIBLE: 2,
    InvoiceStatus.VOID: 3,
    InvoiceStatus.PAID: 3,
}


class Standing(StrEnum):
    """How a subscription stands, in the words that readers are told."""

    STARTING = "starting"
    ACTIVE = "active"
    LATE = "late"
    ENDING = "ending"
    PAUSED = "paused"
    ENDED = "ended"


_STANDINGS = {
    SubscriptionStatus.INCOMPLETE: Standing.STARTING,
    SubscriptionStatus.TRIALING: Standing.ACTIVE,
    SubscriptionStatus.ACTIVE: Standing.ACTIVE,
    SubscriptionStatus.PAST_DUE: Standing.LATE,
    SubscriptionStatus.UNPAID: Standing.LATE,
    SubscriptionStatus.PAUSED: Standing.PAUSED,
    SubscriptionStatus.ENDED: Standing.ENDED,
    SubscriptionStatus.EXPIRED: Standing.ENDED,
}


def standing_of(subscription: Subscription) -> Standing:
    """Tell late from ending from ended."""
    standing = _STANDINGS[subscription.status]
    return Standing.ENDING if standing is Standing.ACTIVE and subscription.cancel_at else standing


def paid_through(invoices: Iterable[Invoice]) -> datetime | None:
    """Return until when paid, unrevoked invoices carry access; none when nothing was paid."""
    paid = (invoice for invoice in invoices if invoice.status is InvoiceStatus.PAID and invoice.revoked_at is None)
    return max((invoice.period_ends_at for invoice in paid), default=None)


def failing_since(invoices: Iterable[Invoice]) -> datetime | None:
    """Return when the oldest invoice that is still unpaid first failed."""
    failed = (invoice.first_failed_at for invoice in invoices if invoice.status in _UNPAID)
    return min((moment for moment in failed if moment is not None), default=None)


def grace_until(first_failed_at: datetime) -> datetime:
    """Return the end of the grace that begins with a first failure."""
    return first_failed_at + GRACE


def status_of(stripe_word: str) -> SubscriptionStatus:
    """Translate the provider's status; a word that we do not know is a bug, not a state to guess."""
    return _STRIPE_WORDS.get(stripe_word) or SubscriptionStatus(stripe_word)


def is_stale(subscription: Subscription, snapshot: SubscriptionSnapshot) -> bool:
    """Whether a snapshot may be older than what we know: asked for before, or taking back an end or a period."""
    takes_back_the_end = subscription.status.is_final and not status_of(snapshot.status).is_final
    takes_back_the_period = snapshot.period_starts_at < subscription.period_starts_at
    return takes_back_the_end or takes_back_the_period or snapshot.as_of < subscription.as_of


def invoice_status(known: InvoiceStatus, snapshot: InvoiceSnapshot) -> InvoiceStatus:
    """Return the status of an invoice after news of it: paid and void are final, nothing goes back."""
    told = InvoiceStatus(snapshot.status)
    return told if _FINALITY[told] > _FINALITY[known] else known


def has_failed(status: InvoiceStatus, attempts: int) -> bool:
    """Whether an invoice was tried and could not be charged."""
    return status in _UNPAID and attempts > 0


def may_still_be_asked(intent: SubscriptionIntent, price_id: int, now: datetime) -> bool:
    """Whether a waiting intent serves this wish: the same price, and time left to open its checkout or to pay."""
    needed = LAST_MOMENT_TO_ASK if intent.status is IntentStatus.STARTED else timedelta()
    return intent.price_id == price_id and now + needed < intent.expires_at
