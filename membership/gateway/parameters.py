"""What we send to Stripe, field by field; payment methods are left to its dashboard."""

from datetime import datetime
from typing import Any

from membership.gateway.events import HANDLED
from membership.gateway.values import DonationCheckout, SubscriptionCheckout
from membership.money import Money

PAGE = 100
# What Checkout speaks of our languages; for the others it asks the browser.
LOCALES = frozenset({"en"})


def subscription_checkout(wish: SubscriptionCheckout) -> Any:
    """Describe a checkout for a standing order; a session's metadata is not copied, so the reference is said twice."""
    return _checkout(wish) | {
        "mode": "subscription",
        "customer": wish.customer_id,
        "line_items": [{"price": wish.stripe_price_id, "quantity": 1}],
        "subscription_data": {"metadata": {"reference": wish.reference}},
    }


def donation_checkout(wish: DonationCheckout) -> Any:
    """Describe a checkout for a gift."""
    price = {
        "currency": wish.amount.currency,
        "unit_amount": wish.amount.minor,
        "product_data": {"name": wish.name},
    }
    known = {"customer_email": wish.email} if wish.email else {}
    return (
        _checkout(wish)
        | known
        | {
            "mode": "payment",
            "submit_type": "donate",
            "line_items": [{"price_data": price, "quantity": 1}],
            "payment_intent_data": {"metadata": {"reference": wish.reference}},
        }
    )


def customer(email: str, name: str, reference: str) -> Any:
    """Describe the customer that stands for a patron."""
    # An empty value would be read as the wish to unset a field.
    named = {"name": name} if name else {}
    return named | {"email": email, "metadata": {"reference": reference}}


def refund(payment_intent_id: str, amount: Money, reference: str) -> Any:
    """Describe money to send back; its currency is the payment's."""
    return {"payment_intent": payment_intent_id, "amount": amount.minor, "metadata": {"reference": reference}}


def product(name: str, reference: str) -> Any:
    """Describe the product that stands for a tier."""
    return {"name": name, "metadata": {"reference": reference}}


def price(product_id: str, amount: Money, interval: str, lookup_key: str) -> Any:
    """Describe a price that takes its lookup key over from the one before."""
    return {
        "product": product_id,
        "currency": amount.currency,
        "unit_amount": amount.minor,
        "recurring": {"interval": interval},
        "lookup_key": lookup_key,
        "transfer_lookup_key": True,
    }


def endpoint(url: str, api_version: str) -> Any:
    """Describe our webhook address."""
    return {"url": url, "enabled_events": list(HANDLED), "api_version": api_version}


def page(*expand: str, since: datetime | None = None, **filters: Any) -> Any:
    """Describe the first page of a list, newest first."""
    asked = {"limit": PAGE, **filters}
    if since is not None:
        asked["created"] = {"gte": int(since.timestamp())}
    if expand:
        asked["expand"] = [f"data.{path}" for path in expand]
    return asked


def _checkout(wish: SubscriptionCheckout | DonationCheckout) -> dict[str, Any]:
    return {
        "client_reference_id": wish.reference,
        "metadata": {"reference": wish.reference},
        "locale": wish.locale if wish.locale in LOCALES else "auto",
        "success_url": wish.success_url,
        "cancel_url": wish.cancel_url,
        "expires_at": int(wish.expires_at.timestamp()),
    }
