"""What is kept of the words that come with a gift: no card number, no link, nothing that cannot be seen."""

import re
import unicodedata

from stdnum import luhn

from membership.donations.errors import WordsTooLong

LONGEST_MESSAGE = 500
LONGEST_NAME = 80

# A number of a card is 13 to 19 digits: ISO/IEC 7812-1.
_DIGITS = re.compile(r"\d(?:[ \u00a0.\-–/]{0,2}\d){12,}")
_FEWEST, _MOST, _SHOWN = 13, 19, 4
# A scheme is looked for where a word begins only: a long word costs no more than a short one.
_LINK = re.compile(r"(?:\b\w+://|www\.)\S+", re.IGNORECASE)
_BLANKS = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"\n{3,}")


def read_message(text: str) -> str:
    """Return what is kept of a message that a reader typed; raises WordsTooLong."""
    return kept_message(_short(text.replace("\r\n", "\n"), LONGEST_MESSAGE))


def read_name(text: str) -> str:
    """Return what is kept of a name that a reader typed; raises WordsTooLong."""
    return kept_name(_short(text, LONGEST_NAME))


def _short(text: str, most: int) -> str:
    if len(text) > most:
        raise WordsTooLong(most=most)
    return text


def kept_message(text: str) -> str:
    """Return what is kept of a message: without card numbers, links and characters that cannot be seen."""
    return _LINES.sub("\n\n", _kept(text.replace("\r\n", "\n"))).strip()[:LONGEST_MESSAGE].strip()


def kept_name(text: str) -> str:
    """Return what is kept of a name, in one line."""
    return " ".join(_kept(text).split())[:LONGEST_NAME].strip()


def _kept(text: str) -> str:
    seen = "".join(char for char in unicodedata.normalize("NFC", text) if char == "\n" or _is_seen(char))
    return _BLANKS.sub(" ", _LINK.sub("…", mask_cards(seen)))


def _is_seen(char: str) -> bool:
    # Control, format (zero width, right-to-left), private and unassigned characters say nothing that can be read.
    return not unicodedata.category(char).startswith("C") or char == "\t"


def mask_cards(text: str) -> str:
    """Hide the numbers of cards in a text, all but the last four digits."""
    return _DIGITS.sub(_masked, text)


def _masked(found: re.Match[str]) -> str:
    digits = "".join(str(unicodedata.digit(char)) for char in found[0] if char.isdigit())
    return f"•••• {digits[-_SHOWN:]}" if _hides_a_card(digits) else found[0]


def _hides_a_card(digits: str) -> bool:
    # A card's number may stand within a longer run, beside its date for instance.
    runs = (
        digits[start : start + length]
        for length in range(_FEWEST, _MOST + 1)
        for start in range(len(digits) - length + 1)
    )
    return any(luhn.is_valid(run) for run in runs)
