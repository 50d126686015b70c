"""What the newsroom's pages answer: views over all that the features know."""

from membership.staff.service.acting import ban_patron, grant_comp, lift_ban, revoke_comp
from membership.staff.service.flags import attach_flag, define_flag, detach_flag, remove_flag, set_tiers
from membership.staff.service.letters import count_parked, list_letters, list_parked, retry_parked
from membership.staff.service.overview import Overview, look
from membership.staff.service.people import PAGE, PatronFile, get_comp, open_file, search
from membership.staff.service.refunds import list_failed_refunds_of, see_to_refunds
from membership.staff.service.timeline import Happening, tell_timeline
from membership.staff.service.votes import count_roll

__all__ = [
    "PAGE",
    "Happening",
    "Overview",
    "PatronFile",
    "attach_flag",
    "ban_patron",
    "count_parked",
    "count_roll",
    "define_flag",
    "detach_flag",
    "get_comp",
    "grant_comp",
    "lift_ban",
    "list_failed_refunds_of",
    "list_letters",
    "list_parked",
    "look",
    "open_file",
    "remove_flag",
    "retry_parked",
    "revoke_comp",
    "search",
    "see_to_refunds",
    "set_tiers",
    "tell_timeline",
]
