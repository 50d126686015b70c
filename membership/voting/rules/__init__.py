"""How a round is prepared, marked, counted and read: pure, exact, the same for everyone who counts again."""

from membership.voting.rules.counting import (
    SHIELDED_BELOW,
    Paper,
    Result,
    TopicTally,
    percent,
    read_result,
    tally,
)
from membership.voting.rules.lots import lot
from membership.voting.rules.marks import Marks, mark, rank
from membership.voting.rules.receipts import RECEIPT_BYTES, read_receipt, write_receipt
from membership.voting.rules.records import FORMAT, LISTED_FROM, canonical, may_list, publish, record, recount
from membership.voting.rules.terms import Electorate, Method, RoundDraft, Terms, cap, check_end
from membership.voting.rules.transfers import SCALE, Step, Transfers, transfer
from membership.voting.rules.turnout import OTHERS, Turnout, count_turnout

__all__ = [
    "FORMAT",
    "LISTED_FROM",
    "OTHERS",
    "RECEIPT_BYTES",
    "SCALE",
    "SHIELDED_BELOW",
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
    "count_turnout",
    "lot",
    "mark",
    "may_list",
    "percent",
    "publish",
    "rank",
    "read_receipt",
    "read_result",
    "record",
    "recount",
    "tally",
    "transfer",
    "write_receipt",
]
