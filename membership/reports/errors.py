"""Refusals about reports."""

from membership.errors import Invalid
from membership.i18n import N_


class MonthUnreadable(Invalid):
    message = N_("Please name a month like 2026-11.")
    field = "month"
