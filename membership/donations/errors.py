"""Refusals about donations."""

from membership.errors import Invalid, NotFound
from membership.i18n import N_


class DonationTooSmall(Invalid):
    message = N_("The smallest gift that we can take by card is %(least)s.")
    field = "amount"


class DonationNotWhole(Invalid):
    message = N_("In this currency we can take whole amounts only.")
    field = "amount"


class UnknownDonation(NotFound):
    message = N_("We do not know this gift.")
