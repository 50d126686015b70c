"""What a person may ask about her data: to have all of it, and to be forgotten."""

from membership.privacy.service.asking import ErasurePlan, ask_erasure, finish, list_pending, plan_erasure
from membership.privacy.service.forgetting import forget_events
from membership.privacy.service.lists import find_brought_back, list_erased, read_list
from membership.privacy.service.telling import tell_everything, tell_staff

__all__ = [
    "ErasurePlan",
    "ask_erasure",
    "find_brought_back",
    "finish",
    "forget_events",
    "list_erased",
    "list_pending",
    "plan_erasure",
    "read_list",
    "tell_everything",
    "tell_staff",
]
