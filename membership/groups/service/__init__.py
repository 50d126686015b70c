"""What can be done with groups: staff keep them, their managers invite, readers take seats and leave them."""

from membership.groups.service.handing import forget_seats, hand_over_seats, shut_out
from membership.groups.service.inviting import Invited, invite, remove, send_again
from membership.groups.service.keeping import (
    GroupDraft,
    add_group,
    change_seats,
    end_group,
    extend_group,
    name_manager,
)
from membership.groups.service.seating import find_invitation, get_held, leave, take
from membership.groups.service.standing import (
    PAGE,
    Occupancy,
    count_unmanaged,
    get_group,
    get_managed,
    get_seat,
    list_groups,
    list_held,
    list_managed,
    list_seats,
    occupancies_of,
    occupancy_of,
)
from membership.groups.service.turning import forget_invitations, list_ending, list_lost, tell_holders, warn

__all__ = [
    "PAGE",
    "GroupDraft",
    "Invited",
    "Occupancy",
    "add_group",
    "change_seats",
    "count_unmanaged",
    "end_group",
    "extend_group",
    "find_invitation",
    "forget_invitations",
    "forget_seats",
    "get_group",
    "get_held",
    "get_managed",
    "get_seat",
    "hand_over_seats",
    "invite",
    "leave",
    "list_ending",
    "list_groups",
    "list_held",
    "list_lost",
    "list_managed",
    "list_seats",
    "name_manager",
    "occupancies_of",
    "occupancy_of",
    "remove",
    "send_again",
    "shut_out",
    "take",
    "tell_holders",
    "warn",
]
