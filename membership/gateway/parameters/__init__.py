"""What we send to Stripe, field by field; payment methods are left to its dashboard."""

from membership.gateway.parameters.catalogue import coupon, price, product, promotion_code
from membership.gateway.parameters.changes import change, move, pause, phases, portal, preview, resume
from membership.gateway.parameters.checkouts import customer, donation_checkout, subscription_checkout
from membership.gateway.parameters.listing import page
from membership.gateway.parameters.payments import refund
from membership.gateway.parameters.platform import endpoint, mended_endpoint

__all__ = [
    "change",
    "coupon",
    "customer",
    "donation_checkout",
    "endpoint",
    "mended_endpoint",
    "move",
    "page",
    "pause",
    "phases",
    "portal",
    "preview",
    "price",
    "product",
    "promotion_code",
    "refund",
    "resume",
    "subscription_checkout",
]
