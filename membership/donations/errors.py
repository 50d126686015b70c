"""Refusals about donations."""

from membership.errors import Conflict, Invalid, NotFound
from membership.i18n import N_


class DonationTooSmall(Invalid):
    message = N_("The smallest gift that we can take by card is %(least)s.")
    field = "amount"


class WordsTooLong(Invalid):
    message = N_("This is longer than %(most)s characters. Please shorten it.")


class UnknownDonation(NotFound):
    message = N_("We do not know this gift.")


class CoverOutdated(Conflict):
    message = N_("The fees have changed since this page was shown. Please choose again.")


class FeesUnreadable(Invalid):
    message = N_("A share is written in percent, like 1.5, and is 20 at most; an amount is more than nothing.")
