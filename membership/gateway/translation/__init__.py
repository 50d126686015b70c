"""Stripe's objects in our own words, in the shapes of API version 2026-10-28.endive."""

from membership.gateway.translation.catalogue import terms
from membership.gateway.translation.checkouts import checkout
from membership.gateway.translation.fields import id_of
from membership.gateway.translation.payments import payment, refund, settlement
from membership.gateway.translation.platform import event
from membership.gateway.translation.subscriptions import invoice, subscription

__all__ = ["checkout", "event", "id_of", "invoice", "payment", "refund", "settlement", "subscription", "terms"]
