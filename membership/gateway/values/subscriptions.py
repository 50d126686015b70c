"""Standing orders and their invoices."""

from dataclasses import dataclass, field
from datetime import datetime

from membership.money import Money


@dataclass(frozen=True, slots=True)
class SubscriptionSnapshot:
    """A subscription as it is now; periods come from its one item.

    `as_of` is the moment before it was asked for: it tells no older news than that. `paused_until` is set while nothing
    is asked, `next_price_id` and `next_price_at` when its price will change by itself, `pending_until` while a change
    of price waits for its payment.
    """

    id: str
    item_id: str
    customer_id: str
    stripe_price_id: str
    status: str
    reference: str
    started_at: datetime
    period_starts_at: datetime
    period_ends_at: datetime
    cancel_at: datetime | None
    ended_at: datetime | None
    end_reason: str | None
    as_of: datetime = field(compare=False)
    paused_until: datetime | None = None
    next_price_id: str | None = None
    next_price_at: datetime | None = None
    pending_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class InvoiceSnapshot:
    """An invoice as it is now; the period and the price are those that its subscription lines pay for."""

    id: str
    subscription_id: str | None
    status: str
    total: Money
    period_starts_at: datetime
    period_ends_at: datetime
    created_at: datetime
    attempts: int
    paid_at: datetime | None
    payment_intent_ids: tuple[str, ...] = ()
    stripe_price_id: str | None = None
