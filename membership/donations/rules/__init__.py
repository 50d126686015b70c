"""How small a gift may be, what covers its fees, and what is kept of the words that come with it."""

from membership.donations.rules.amounts import admit, least
from membership.donations.rules.fees import Cover, FeeSchedule, cover_of, covers_of
from membership.donations.rules.notes import (
    LONGEST_MESSAGE,
    LONGEST_NAME,
    kept_message,
    kept_name,
    mask_cards,
    read_message,
    read_name,
)

__all__ = [
    "LONGEST_MESSAGE",
    "LONGEST_NAME",
    "Cover",
    "FeeSchedule",
    "admit",
    "cover_of",
    "covers_of",
    "kept_message",
    "kept_name",
    "least",
    "mask_cards",
    "read_message",
    "read_name",
]
