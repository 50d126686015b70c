"""Refusals about tiers."""

from membership.errors import Conflict, Invalid, NotFound
from membership.i18n import N_


class TierRetired(Conflict):
    message = N_("This tier no longer takes new patrons. Please choose another one.")


class UnknownTier(NotFound):
    message = N_("There is no such tier. Please choose one from the support page.")


class TierExists(Conflict):
    message = N_("There is a tier of this name already.")


class TierUnreadable(Invalid):
    message = N_("This tier cannot be read.")
