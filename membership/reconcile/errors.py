"""Refusals about reconciling."""

from membership.errors import Conflict
from membership.i18n import N_


class AlreadyRunning(Conflict):
    message = N_("Another reconciliation is running, or was cut off less than a minute ago.")
