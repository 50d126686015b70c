"""Customers, and the pages where they pay."""

from typing import Any

from membership.gateway.values import DonationCheckout, SubscriptionCheckout

# What Checkout speaks of our languages; for the others it asks the browser.
LOCALES = frozenset({"en"})


def customer(email: str, name: str, reference: str) -> Any:
    """Describe the customer that stands for a patron."""
    # An empty value would be read as the wish to unset a field.
    named = {"name": name} if name else {}
    return named | {"email": email, "metadata": {"reference": reference}}


def subscription_checkout(wish: SubscriptionCheckout) -> Any:
    """Describe a checkout for a standing order; a session's metadata is not copied, so the reference is said twice."""
    trial = {"trial_end": int(wish.trial_ends_at.timestamp())} if wish.trial_ends_at else {}
    reduced = {"discounts": [{"promotion_code": wish.promotion_code_id}]} if wish.promotion_code_id else {}
    return (
        _checkout(wish)
        | reduced
        | {
            "mode": "subscription",
            "customer": wish.customer_id,
            "line_items": [{"price": wish.stripe_price_id, "quantity": 1}],
            "subscription_data": {"metadata": {"reference": wish.reference}} | trial,
        }
    )


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


def _checkout(wish: SubscriptionCheckout | DonationCheckout) -> dict[str, Any]:
    return {
        "client_reference_id": wish.reference,
        "metadata": {"reference": wish.reference},
        "locale": wish.locale if wish.locale in LOCALES else "auto",
        "success_url": wish.success_url,
        "cancel_url": wish.cancel_url,
        "expires_at": int(wish.expires_at.timestamp()),
    }
