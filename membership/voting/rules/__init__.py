"""How a round is prepared, marked, counted and read: pure, exact, the same for everyone who counts again."""

from membership.voting.rules.counting import (
    SHIELDED_BELOW,
    Paper,
    Result,
    TopicTally,
    percent,
    read_result,
    read_transfers,
    tally,
)
from membership.voting.rules.few import TOO_FEW_TO_COUNT, is_too_few
from membership.voting.rules.lots import lot
from membership.voting.rules.marks import Marks, mark, rank
from membership.voting.rules.patterns import PATTERNS
from membership.voting.rules.reading import FORMAT
from membership.voting.rules.receipts import RECEIPT_BYTES, read_receipt, write_receipt
from membership.voting.rules.records import (
    LISTED_FROM,
    TRANSFERS,
    canonical,
    may_list,
    part,
    publish,
    record,
    recount,
    whole,
)
from membership.voting.rules.terms import (
    Electorate,
    Method,
    RoundDraft,
    Terms,
    cap,
    check_end,
    check_reason,
    check_times,
)
from membership.voting.rules.transfers import SCALE, Step, Transfers, transfer
from membership.voting.rules.turnout import OTHERS, Turnout, count_turnout

__all__ = [
    "FORMAT",
    "LISTED_FROM",
    "OTHERS",
    "PATTERNS",
    "RECEIPT_BYTES",
    "SCALE",
    "SHIELDED_BELOW",
    "TOO_FEW_TO_COUNT",
    "TRANSFERS",
    "Electorate",
    "Marks",
    "Method",
    "Paper",
    "Result",
    "RoundDraft",
    "Step",
    "Terms",
    "TopicTally",
    "Transfers",
    "Turnout",
    "canonical",
    "cap",
    "check_end",
    "check_reason",
    "check_times",
    "count_turnout",
    "is_too_few",
    "lot",
    "mark",
    "may_list",
    "part",
    "percent",
    "publish",
    "rank",
    "read_receipt",
    "read_result",
    "read_transfers",
    "record",
    "recount",
    "tally",
    "transfer",
    "whole",
    "write_receipt",
]
