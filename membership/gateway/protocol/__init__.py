"""What we ask of a payment provider. Every `key` is an idempotency key made from a row of ours."""

from typing import Protocol

from membership.gateway.protocol.catalogue import Catalogue
from membership.gateway.protocol.changes import Changes
from membership.gateway.protocol.checkouts import Checkouts
from membership.gateway.protocol.disputes import Disputes
from membership.gateway.protocol.payments import Payments
from membership.gateway.protocol.payouts import Payouts
from membership.gateway.protocol.platform import Platform
from membership.gateway.protocol.subscriptions import Subscriptions


class PaymentGateway(Checkouts, Subscriptions, Changes, Payments, Disputes, Payouts, Catalogue, Platform, Protocol):
    """Calls end in at most about 15 seconds; failures are GatewayFailed, a missing object is GatewayMissing.

    Lists give the newest first. `after` is the id of the last object that a list gave before it was cut off.
    """

    def patient(self) -> "PaymentGateway":
        """Return the same provider for work that nobody waits for: asked no faster than leaves room for readers."""
        ...
