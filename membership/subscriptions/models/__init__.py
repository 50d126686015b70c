"""A patron's standing order for a tier: the wish, the mirror of what Stripe says it is, and what becomes of it."""

from membership.subscriptions.models.changes import (
    ChangeMoment,
    ChangeStatus,
    RiseNotice,
    Stop,
    StopReason,
    SubscriptionChange,
)
from membership.subscriptions.models.links import LetterLink, Purpose
from membership.subscriptions.models.orders import (
    IntentStatus,
    Invoice,
    InvoiceStatus,
    RevokedBy,
    Subscription,
    SubscriptionIntent,
    SubscriptionStatus,
    VersionMark,
)

__all__ = [
    "ChangeMoment",
    "ChangeStatus",
    "IntentStatus",
    "Invoice",
    "InvoiceStatus",
    "LetterLink",
    "Purpose",
    "RevokedBy",
    "RiseNotice",
    "Stop",
    "StopReason",
    "Subscription",
    "SubscriptionChange",
    "SubscriptionIntent",
    "SubscriptionStatus",
    "VersionMark",
]
