"""Refusals about time that is given."""

from membership.errors import Invalid, NotFound
from membership.i18n import N_


class UnknownTerm(NotFound):
    message = N_("There is no such given time.")


class PolicyUnreadable(Invalid):
    message = N_("A policy needs an amount for a month, a tier, and a number of months from 1 to %(most)s.")
