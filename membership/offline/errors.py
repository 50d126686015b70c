"""Refusals about other ways to support and about the bank's files."""

from membership.errors import Conflict, Invalid, NotFound
from membership.i18n import N_


class UnknownWay(NotFound):
    message = N_("This way to support is not open.")


class WayUnreadable(Invalid):
    message = N_("This way to support cannot be shown as written.")


class OfflineGiftUnreadable(Invalid):
    message = N_("A gift needs an amount, how it came, and the day on which it came.")


class NotYetReceived(Invalid):
    message = N_("The bank dates this for a day that has not come. Take it from that day on.")


class BankFileUnreadable(Invalid):
    message = N_("This file cannot be read as a statement of the bank: %(why)s. Nothing of it was taken.")
    field = "file"


class BankFileKnown(Conflict):
    message = N_("This file was read already. Nothing was taken twice.")
    field = "file"


class AccountOfOthers(Invalid):
    message = N_("This statement is of another account than ours. Nothing of it was taken.")
    field = "file"


class UnknownLine(NotFound):
    message = N_("We do not know this line of the bank.")


class LineDecided(Conflict):
    message = N_("Somebody has decided about this line already.")


class DonorUnnamed(Invalid):
    message = N_("Whose gift is it? Write her address, or say that it has no name.")
    field = "email"
