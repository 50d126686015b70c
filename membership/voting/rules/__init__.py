"""How a round is prepared, marked, counted and read: pure, exact, the same for everyone who counts again."""

from membership.voting.rules.counting import (
    FORMAT,
    LISTED_FROM,
    Paper,
    Result,
    TopicTally,
    canonical,
    lot,
    mark,
    percent,
    publish,
    read_result,
    record,
    recount,
    tally,
)
from membership.voting.rules.receipts import RECEIPT_BYTES, read_receipt, write_receipt
from membership.voting.rules.terms import Electorate, Method, RoundDraft, Terms, cap

__all__ = [
    "FORMAT",
    "LISTED_FROM",
    "RECEIPT_BYTES",
    "Electorate",
    "Method",
    "Paper",
    "Result",
    "RoundDraft",
    "Terms",
    "TopicTally",
    "canonical",
    "cap",
    "lot",
    "mark",
    "percent",
    "publish",
    "read_receipt",
    "read_result",
    "record",
    "recount",
    "tally",
    "write_receipt",
]
