"""Which gateway the running application asks."""

from flask import current_app

from membership.gateway.protocol import PaymentGateway


def gateway() -> PaymentGateway:
    """Return the gateway of the running application."""
    found: PaymentGateway = current_app.extensions["gateway"]
    return found
