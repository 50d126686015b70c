"""Refusals about erasing."""

from membership.errors import Conflict, Invalid
from membership.i18n import N_


class StaffErased(Conflict):
    message = N_("Somebody who works here cannot be erased. Her role has to be ended first.")


class ErasureUnconfirmed(Invalid):
    field = "email"
    message = N_("Please write your e-mail address exactly as it stands above.")


class ListUnreadable(Invalid):
    message = N_("This is no list of erasures: its letters are not UTF-8.")
