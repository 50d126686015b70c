"""What happens to standing orders in time: payments that are late, pauses that end, prices that rise, mistakes."""

from membership.renewals.service.late import Due, find_due, list_hopeless_cases, remind_of_late_payments
from membership.renewals.service.once import OnceMore, Single, look_at_single, undo_repetition
from membership.renewals.service.pauses import remind_of_pauses
from membership.renewals.service.rises import Move, list_moves, record_move, tell_of_rises

__all__ = [
    "Due",
    "Move",
    "OnceMore",
    "Single",
    "find_due",
    "list_hopeless_cases",
    "list_moves",
    "look_at_single",
    "record_move",
    "remind_of_late_payments",
    "remind_of_pauses",
    "tell_of_rises",
    "undo_repetition",
]
