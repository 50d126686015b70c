"""What can be done with people: find and register them, let them in, make them staff, heed their wishes."""

from membership.patrons.service.leaving import find_leaving, tell_of_erasure
from membership.patrons.service.people import (
    canonical_email,
    check_name,
    clean_name,
    describe,
    find_by_customer,
    find_by_email,
    get_patron,
    hold,
    is_shut_out,
    list_merged,
    owners_of,
    register,
)
from membership.patrons.service.wishes import get_wish, stop_letters, stop_path, wishes_of

__all__ = [
    "canonical_email",
    "check_name",
    "clean_name",
    "describe",
    "find_by_customer",
    "find_by_email",
    "find_leaving",
    "get_patron",
    "get_wish",
    "hold",
    "is_shut_out",
    "list_merged",
    "owners_of",
    "register",
    "stop_letters",
    "stop_path",
    "tell_of_erasure",
    "wishes_of",
]
