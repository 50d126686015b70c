"""What must be recorded together: a subscription or a gift, with all that hangs on it."""

from collections.abc import Iterable, Iterator
from dataclasses import fields
from datetime import datetime

from membership.gateway.values import (
    CheckoutSnapshot,
    DisputeSnapshot,
    FraudWarningSnapshot,
    InvoiceSnapshot,
    PaymentSnapshot,
    PayoutSnapshot,
    RefundSnapshot,
    ReturnedDebit,
    SettlementSnapshot,
    SubscriptionSnapshot,
)
from membership.payments.fulfilment import Facts

KINDS = tuple(one.name for one in fields(Facts))
Anything = (
    CheckoutSnapshot
    | SubscriptionSnapshot
    | InvoiceSnapshot
    | PaymentSnapshot
    | RefundSnapshot
    | ReturnedDebit
    | DisputeSnapshot
    | FraudWarningSnapshot
    | SettlementSnapshot
    | PayoutSnapshot
)


def together(parts: Iterable[Facts]) -> Facts:
    """Return parts that have no object in common as one."""
    parts = tuple(parts)
    return Facts(**{kind: tuple(one for part in parts for one in getattr(part, kind)) for kind in KINDS})


def each(facts: Facts) -> Iterator[tuple[str, Anything]]:
    """Yield every snapshot with its kind, in the order in which one builds on another."""
    for kind in KINDS:
        for snapshot in getattr(facts, kind):
            yield kind, snapshot


def roots(snapshot: Anything) -> tuple[str, ...]:
    """Return the names of what a snapshot hangs on, the nearest to the root first; its own is the last."""
    named: tuple[str | None, ...] = ()
    match snapshot:
        case CheckoutSnapshot():
            named = (snapshot.subscription_id, snapshot.payment_intent_id)
        case InvoiceSnapshot():
            named = (snapshot.subscription_id,)
        case RefundSnapshot() | ReturnedDebit() | DisputeSnapshot() | FraudWarningSnapshot():
            named = (snapshot.payment_intent_id,)
        case SettlementSnapshot():
            named = (snapshot.source_id,)
    return (*(name for name in named if name), snapshot.id)


def names(snapshot: Anything) -> tuple[str, ...]:
    """Return the names by which others may say that they hang on the same as this snapshot."""
    more: tuple[str | None, ...] = ()
    match snapshot:
        case CheckoutSnapshot():
            more = (snapshot.subscription_id, snapshot.payment_intent_id)
        case InvoiceSnapshot():
            more = snapshot.payment_intent_ids
        case PaymentSnapshot():
            more = (snapshot.charge_id,)
    return (*(name for name in more if name), *roots(snapshot))


def happened_at(snapshot: Anything) -> datetime | None:
    """Return when this came to be; of a payment, when the money came."""
    match snapshot:
        case SubscriptionSnapshot():
            return snapshot.started_at
        case PaymentSnapshot():
            return snapshot.paid_at
        case ReturnedDebit():
            return snapshot.failure.created_at
        case _:
            return snapshot.created_at
