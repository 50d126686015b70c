"""Refusals about people and how they sign in."""

from membership.errors import Conflict, Invalid, NotFound
from membership.i18n import N_


class EmailUnreadable(Invalid):
    field = "email"
    message = N_("Please write an e-mail address like olena@example.org.")


class NameTooLong(Invalid):
    field = "name"
    message = N_("Please write a name of %(most)s letters at most.")


class UnknownPatron(NotFound):
    message = N_("There is no account like this.")


class ErasureUnderWay(Conflict):
    field = "email"
    message = N_(
        "The erasure of this account is under way, so nothing can be begun with it. As soon as it is done, you can "
        "begin anew with the same address."
    )


class NotWelcome(Conflict):
    field = "email"
    message = N_("We cannot take regular support from this account. Please write to us about it.")


class LinkUnknown(NotFound):
    message = N_("This way to sign in is not valid any more. Please ask for a new letter.")


class WishUnknown(NotFound):
    message = N_("This address does not belong to any letter of ours. Please use the link in the newest one.")


class CodeWrong(Invalid):
    field = "code"
    message = N_("This is not the code from the newest letter. Please look again.")


class SecondFactorWrong(Invalid):
    field = "code"
    message = N_("This code is not right, or it was used already. Please wait for the next one in your app.")


class SecondFactorLocked(Conflict):
    field = "code"
    message = N_("There were too many wrong codes. Please wait fifteen minutes and try again.")


class SecondFactorUnreadable(Conflict):
    message = N_(
        "Your second factor has to be connected anew. Please ask whoever made you staff for an enrolment code."
    )


class EnrolmentWrong(Invalid):
    field = "enrolment"
    message = N_("This is not your enrolment code. Whoever made you staff can print a new one.")


class NotStaff(NotFound):
    message = N_("This address does not belong to anyone on the staff.")


class LastAdmin(Conflict):
    message = N_("This is the last admin. Make somebody else an admin first.")
