"""Refusals about reports."""

from membership.errors import Invalid, NotFound
from membership.i18n import N_


class MonthUnreadable(Invalid):
    message = N_("Please name a month like 2026-11.")
    field = "month"


class UnknownPayout(NotFound):
    message = N_("We do not know this payout.")
