"""Refusals about tiers."""

from membership.errors import Conflict, NotFound
from membership.i18n import N_


class TierRetired(Conflict):
    message = N_("This tier no longer takes new patrons. Please choose another one.")


class UnknownTier(NotFound):
    message = N_("There is no such tier. Please choose one from the support page.")
