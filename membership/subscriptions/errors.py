"""Refusals about subscriptions."""

from membership.errors import Conflict, NotFound
from membership.i18n import N_


class AlreadySubscribed(Conflict):
    message = N_("You already give regularly, thank you. What you give can be seen and stopped on your account page.")


class CheckoutReplaced(Conflict):
    message = N_("You chose something else in another window meanwhile. Nothing was charged here; please choose again.")


class NoSubscription(NotFound):
    message = N_("There is no running subscription on this account.")


class UnknownIntent(NotFound):
    message = N_("We do not know this checkout.")


class UnknownSubscription(NotFound):
    """A subscription or invoice at the payment provider that was not made through us."""

    message = N_("We do not know this subscription.")
