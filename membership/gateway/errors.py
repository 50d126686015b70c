"""Refusals of the payment provider, in our words."""

from membership.errors import GatewayFailed, Invalid
from membership.i18n import N_


class GatewayUnreachable(GatewayFailed):
    """No answer, or one that says nothing about what happened: the outcome is unknown."""

    message = N_("The payment provider cannot be reached just now. Nothing was charged. Please try again in a moment.")


class GatewayRefused(GatewayFailed):
    """The provider understood and said no."""

    message = N_("The payment provider did not accept this. Nothing was charged.")


class GatewayMissing(GatewayRefused):
    """The provider does not know this object."""


class ForgedEvent(Invalid):
    message = N_("This message is not signed by the payment provider.")
