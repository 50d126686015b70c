"""Refusals about memberships for somebody else."""

from membership.errors import Conflict, Invalid, NotFound
from membership.i18n import N_


class UnknownGift(NotFound):
    message = N_("We do not know this gift.")


class GiftNotOffered(Invalid):
    message = N_("Please choose one of these memberships.")
    field = "offer"


class ChoiceUnknown(Invalid):
    message = N_("Please choose one of these.")


class GiverUnnamed(Invalid):
    message = N_("Please tell us your name: the letter says from whom the gift is.")


class SendDayUnreadable(Invalid):
    message = N_("Please choose a day from today up to a year from now.")
    field = "send_on"


class GiftCodeUnknown(Invalid):
    message = N_("We do not know this code. Please look at it again: it has sixteen letters and digits.")
    field = "code"


class GiftUsed(Conflict):
    message = N_("This gift has been used already.")
    field = "code"


class GiftReturned(Conflict):
    message = N_("This gift was given back to its giver, so its code does not work any more.")
    field = "code"


class GiftNotPaid(Conflict):
    message = N_("This gift has not been paid for yet.")
