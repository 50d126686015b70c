"""What we send to Stripe, field by field; payment methods are left to its dashboard."""

from membership.gateway.parameters.catalogue import price, product
from membership.gateway.parameters.checkouts import customer, donation_checkout, subscription_checkout
from membership.gateway.parameters.listing import page
from membership.gateway.parameters.payments import refund
from membership.gateway.parameters.platform import endpoint

__all__ = ["customer", "donation_checkout", "endpoint", "page", "price", "product", "refund", "subscription_checkout"]
