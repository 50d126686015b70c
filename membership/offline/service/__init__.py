"""What can be done with money that comes past Stripe: tell how, enter it, match what the bank says."""

from membership.offline.service.entering import OfflineDraft, enter
from membership.offline.service.importing import Imported, take_statement
from membership.offline.service.queue import accept, accept_matched, assign, count_waiting, get_line, list_lines, reject
from membership.offline.service.ways import (
    close_way,
    find_reference,
    get_way,
    list_ways,
    our_account,
    reference_for,
    set_way,
    write_reference,
)

__all__ = [
    "Imported",
    "OfflineDraft",
    "accept",
    "accept_matched",
    "assign",
    "close_way",
    "count_waiting",
    "enter",
    "find_reference",
    "get_line",
    "get_way",
    "list_lines",
    "list_ways",
    "our_account",
    "reference_for",
    "reject",
    "set_way",
    "take_statement",
    "write_reference",
]
