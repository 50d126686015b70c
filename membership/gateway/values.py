"""What a payment provider tells us, in our own words: frozen values, amounts in minor units, times aware UTC."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from membership.money import Money

# Stripe takes 30 minutes to 24 hours, counted from when it hears of a session:
# https://docs.stripe.com/api/checkout/sessions/create
CHECKOUT_LIFE = timedelta(hours=4)
LAST_MOMENT_TO_ASK = timedelta(minutes=35)


class CheckoutStatus(StrEnum):
    OPEN = "open"
    COMPLETE = "complete"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class SubscriptionCheckout:
    """What we ask for when a patron wants to subscribe; `reference` is our intent's."""

    reference: str
    customer_id: str
    stripe_price_id: str
    locale: str
    success_url: str
    cancel_url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class DonationCheckout:
    """What we ask for when somebody wants to give once; `reference` is our donation's."""

    reference: str
    amount: Money
    email: str
    name: str
    locale: str
    success_url: str
    cancel_url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class CheckoutSnapshot:
    """A checkout session as it is now; `reference` is `client_reference_id`, empty on sessions that are not ours."""

    id: str
    url: str | None
    status: CheckoutStatus
    is_paid: bool
    reference: str
    mode: str
    customer_id: str | None
    subscription_id: str | None
    payment_intent_id: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SubscriptionSnapshot:
    """A subscription as it is now; periods come from its one item.

    `as_of` is the moment before it was asked for: it tells no older news than that.
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


@dataclass(frozen=True, slots=True)
class InvoiceSnapshot:
    """An invoice as it is now; the period is the one its subscription lines pay for."""

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


@dataclass(frozen=True, slots=True)
class SettlementSnapshot:
    """A balance transaction: what really arrived at Stripe; net = gross - fee, gross negative for refunds."""

    id: str
    source_id: str | None
    category: str
    gross: Money
    fee: Money
    net: Money
    created_at: datetime


@dataclass(frozen=True, slots=True)
class RefundSnapshot:
    id: str
    payment_intent_id: str
    amount: Money
    status: str
    reference: str
    settlement: SettlementSnapshot | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class PaymentSnapshot:
    """A payment intent and its latest charge; `settlement` is None until Stripe knows the fee."""

    id: str
    status: str
    amount: Money
    reference: str
    customer_id: str | None
    charge_id: str | None
    paid_at: datetime | None
    settlement: SettlementSnapshot | None
    refunds: tuple[RefundSnapshot, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class GatewayEvent:
    """A signed message: only its id, type and the id of its object are ever believed."""

    id: str
    type: str
    api_version: str | None
    livemode: bool
    object_id: str | None
    created_at: datetime
    payload: str


@dataclass(frozen=True, slots=True)
class AccountSnapshot:
    id: str
    default_currency: str
    country: str
