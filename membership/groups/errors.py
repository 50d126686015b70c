"""Refusals about groups and their seats."""

from membership.errors import Conflict, Invalid, NotFound
from membership.groups.models import MOST_SEATS
from membership.i18n import N_


class UnknownGroup(NotFound):
    message = N_("We do not know this group, or you do not look after it.")


class UnknownSeat(NotFound):
    message = N_("This group has no such invitation or seat.")


class GroupUnnamed(Invalid):
    message = N_("Please say what the group is called: those whom it invites read its name.")
    field = "name"


class SeatsUnreadable(Invalid):
    message = N_("Please write a number of seats from 1 to %(most)s.")
    field = "seats"

    def __init__(self) -> None:
        super().__init__(most=MOST_SEATS)


class GroupDayUnreadable(Invalid):
    message = N_("Please choose a day, for example 2026-12-31.")


class EndsTooEarly(Invalid):
    message = N_("Please choose a last day that is still to come, and not before the first one.")
    field = "ends_on"


class EndUnexplained(Invalid):
    message = N_("Please write why the group ends; it is kept with the act.")
    field = "reason"


class TooFewSeats(Conflict):
    message = N_("Seats that are taken: %(taken)s. Take some back first, or keep at least as many.")
    field = "seats"


class GroupOver(Conflict):
    message = N_("This group has ended.")


class NoSeatsLeft(Conflict):
    message = N_(
        "There are fewer free seats than new addresses: %(free)s for %(wanted)s. "
        "Withdraw an invitation or take a seat back first."
    )
    field = "addresses"


class AddressesMissing(Invalid):
    message = N_("Please write at least one address.")
    field = "addresses"


class TooManyAddresses(Invalid):
    message = N_("Please write at most %(most)s addresses at once.")
    field = "addresses"


class AddressUnreadable(Invalid):
    message = N_("“%(text)s” is no e-mail address. Nobody has been invited yet.")
    field = "addresses"


class TooManyLetters(Conflict):
    message = N_("This group has sent as many invitations today as it may. Please go on tomorrow.")
    field = "addresses"


class SentOftenEnough(Conflict):
    message = N_("This invitation was sent less than an hour ago, or as often as it may be.")


class InvitedOftenEnough(Conflict):
    message = N_("%(email)s was invited as often as one group may invite somebody. Nobody has been invited yet.")
    field = "addresses"


class InvitationUnknown(NotFound):
    message = N_(
        "This invitation does not count any more, or its link was not copied whole. Please ask whoever invited you."
    )


class InvitationExpired(Conflict):
    message = N_("This invitation was open for two weeks and is over. Please ask whoever invited you to send it again.")


class SeatTaken(Conflict):
    message = N_("Somebody has taken this seat already.")


class AlreadySeated(Conflict):
    message = N_("You have a seat in this group already.")


class ShutOut(Conflict):
    message = N_("The newsroom ended the access of this account, so it takes no seat. Please write to us about it.")


class ManagerShutOut(Conflict):
    message = N_("This account is shut out, so it looks after no group. Name somebody else.")


class GroupFull(Conflict):
    message = N_("All seats of this group are taken. Please ask whoever invited you.")
