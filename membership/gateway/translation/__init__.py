"""Stripe's objects in our own words, in the shapes of API version 2026-10-28.endive."""

from membership.gateway.translation.catalogue import terms
from membership.gateway.translation.checkouts import checkout
from membership.gateway.translation.disputes import dispute, fraud_warning
from membership.gateway.translation.fields import id_of
from membership.gateway.translation.payments import charge, payment, refund, settlement
from membership.gateway.translation.payouts import payout
from membership.gateway.translation.platform import endpoint, event
from membership.gateway.translation.subscriptions import current_phase, invoice, preview, subscription

__all__ = [
    "charge",
    "checkout",
    "current_phase",
    "dispute",
    "endpoint",
    "event",
    "fraud_warning",
    "id_of",
    "invoice",
    "payment",
    "payout",
    "preview",
    "refund",
    "settlement",
    "subscription",
    "terms",
]
