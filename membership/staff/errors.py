"""Refusals on the newsroom's pages."""

from membership.errors import Invalid
from membership.i18n import N_


class ReasonMissing(Invalid):
    message = N_("Please write the reason; it is kept with the act.")
    field = "reason"


class DayUnreadable(Invalid):
    message = N_("Please choose a day, for example 2026-12-31.")
    field = "ends_on"


class MomentUnreadable(Invalid):
    message = N_("Please choose a day and a time, for example 2026-12-31 18:00.")


class FilterUnknown(Invalid):
    message = N_("This list cannot be narrowed like this. Please choose one of the links that lead to it.")


class FlagUnnamed(Invalid):
    message = N_("Please say what the flag lets a reader do.")
    field = "name"


class TierMissing(Invalid):
    message = N_("Please choose a tier.")
    field = "tier"
