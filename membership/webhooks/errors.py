"""Refusals about events."""

from membership.errors import Conflict, Invalid, NotFound
from membership.i18n import N_


class OtherMode(Invalid):
    """A test event at a live address, or the other way round: a wrongly configured endpoint."""

    message = N_("This message belongs to the other mode of the payment provider, test or live.")


class NotYetKnown(Conflict):
    """It names something of ours that we do not know yet; soon we may."""

    message = N_("This message is about something that we do not know yet.")


class UnknownEvent(NotFound):
    message = N_("There is no such event.")
