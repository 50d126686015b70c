"""What we ask of a payment provider. Every `key` is an idempotency key made from a row of ours."""

from typing import Protocol

from membership.gateway.protocol.catalogue import Catalogue
from membership.gateway.protocol.checkouts import Checkouts
from membership.gateway.protocol.payments import Payments
from membership.gateway.protocol.platform import Platform
from membership.gateway.protocol.subscriptions import Subscriptions


class PaymentGateway(Checkouts, Subscriptions, Payments, Catalogue, Platform, Protocol):
    """Calls end in at most about 15 seconds; failures are GatewayFailed, a missing object is GatewayMissing."""
