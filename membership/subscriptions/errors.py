"""Refusals about subscriptions."""

from membership.errors import Conflict, Invalid, NotFound
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


class NothingToChange(Conflict):
    message = N_("This is what you give already.")


class ChangeOnItsWay(Conflict):
    message = N_("Another change of yours is still on its way. Please try again in a minute.")


class EndsAlready(Conflict):
    remedy = "/account"
    message = N_("Your support is ending. Please choose first to go on giving; then you can change it.")


class LateFirst(Conflict):
    remedy = "/account"
    message = N_("Your last payment is late. Please see to it first; then you can change what you give.")


class PausedNow(Conflict):
    remedy = "/account"
    message = N_("Your support is paused. Please go on giving first; then you can change it.")


class ForeignCurrency(Conflict):
    message = N_("What you give stays in its currency. Please stop and begin again to give in another one.")


class PauseNotOffered(Conflict):
    message = N_("This support cannot be paused. It can be stopped at any time, and begun again.")


class PauseTooLong(Invalid):
    field = "months"
    message = N_("Please choose one of the months that are offered.")


class LinkOver(NotFound):
    message = N_("This link works no more. What you give can be seen and changed on your account page.")


class NotOnce(Conflict):
    message = N_("More than two payments have been made, or too much time has passed. Please write to us.")
