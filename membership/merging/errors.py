"""Refusals about two accounts that are to be one."""

from membership.errors import Conflict, Invalid
from membership.i18n import N_


class SameAccount(Invalid):
    field = "into"
    message = N_("This is one account already.")


class StaffMerged(Conflict):
    message = N_("The account that goes belongs to somebody who works here. Merge the other one into it.")


class ErasureComes(Conflict):
    message = N_("One of the two accounts is being erased.")


class BothPay(Conflict):
    message = N_("Both accounts pay: %(own)s and %(other)s. End one first, or say that both are kept.")


class BothChoose(Conflict):
    message = N_("Both accounts have a page open where they may pay. Wait two hours until the pages close.")
