"""Refusals about the journal."""

from membership.errors import NotFound
from membership.i18n import N_


class UnknownMovement(NotFound):
    message = N_("Nothing was ever booked under this cause.")
