"""The payment gateway over Stripe's API: the only package that knows the `stripe` package."""

from functools import cached_property

import stripe

from membership.config import Settings
from membership.gateway.stripe_gateway.catalogue import Catalogue
from membership.gateway.stripe_gateway.changes import Changes
from membership.gateway.stripe_gateway.checkouts import Checkouts
from membership.gateway.stripe_gateway.disputes import Disputes
from membership.gateway.stripe_gateway.line import Line, PatientLine
from membership.gateway.stripe_gateway.payments import Payments
from membership.gateway.stripe_gateway.payouts import Payouts
from membership.gateway.stripe_gateway.platform import Platform

RETRIES = 1


class StripeGateway(Checkouts, Changes, Payments, Disputes, Payouts, Catalogue, Platform):
    """What we ask of Stripe, noun by noun."""

    def __init__(self, settings: Settings, line: Line) -> None:
        stripe.enable_telemetry = False
        client = stripe.StripeClient(
            settings.stripe_api_key.get_secret_value(),
            base_addresses={"api": settings.stripe_api_base} if settings.stripe_api_base else {},
            http_client=line,
            max_network_retries=RETRIES,
        )
        super().__init__(client, settings.webhook_secrets())
        self._settings = settings

    @classmethod
    def from_settings(cls, settings: Settings) -> "StripeGateway":
        """Make the client that these settings describe; nothing is asked yet."""
        return cls(settings, Line())

    def patient(self) -> "StripeGateway":
        return self._patient

    @cached_property
    def _patient(self) -> "StripeGateway":
        return StripeGateway(self._settings, PatientLine())
