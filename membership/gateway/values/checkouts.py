"""Pages where a reader pays."""

from dataclasses import dataclass
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
    """What we ask for when a patron wants to subscribe; `reference` is our intent's.

    Until `trial_ends_at` nothing is charged: she holds that time already.
    """

    reference: str
    customer_id: str
    stripe_price_id: str
    locale: str
    success_url: str
    cancel_url: str
    expires_at: datetime
    trial_ends_at: datetime | None = None
    promotion_code_id: str | None = None


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
