"""References with check digits, and whose a line of the bank may be."""

import re
import secrets
import unicodedata
from hashlib import sha256

from stdnum import iban, iso11649
from stdnum.exceptions import ValidationError
from stdnum.iso7064 import mod_97_10

DIGITS = 10
_OURS = re.compile(rf"RF\d{{2}}\d{{{DIGITS}}}(?!\d)")
_EMAIL = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.[a-z]{2,}", re.IGNORECASE)


def new_reference() -> str:
    """Make a creditor reference: RF, two check digits, ten digits that nobody can guess (ISO 11649)."""
    return reference_of("".join(secrets.choice("0123456789") for _ in range(DIGITS)))


def reference_of(digits: str) -> str:
    """Return the creditor reference of a number."""
    return f"RF{mod_97_10.calc_check_digits(f'{digits}RF')}{digits}"


def spaced(reference: str) -> str:
    """Write a reference in groups of four, as banks do."""
    return str(iso11649.format(reference))


def references_in(text: str) -> list[str]:
    """Return the references of our kind that stand in a text, however they are spaced; a wrong digit is found out."""
    tight = re.sub(r"[\s\-./]", "", unicodedata.normalize("NFKC", text).upper())
    # One may begin within what looks like another, so every beginning is tried.
    found = (_OURS.match(tight, begin.start()) for begin in re.finditer("RF", tight))
    return [one[0] for one in found if one is not None and iso11649.is_valid(one[0])]


def emails_in(text: str) -> list[str]:
    """Return what looks like an e-mail address in a text."""
    return [found.lower() for found in _EMAIL.findall(text)]


def same_name(text: str) -> str:
    """Return a name as it is compared: without case, accents, order and signs."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    words = re.findall(r"\w+", "".join(char for char in plain if not unicodedata.combining(char)))
    return " ".join(sorted(words))


def hash_of_account(account: str) -> str:
    """Return what we keep of a payer's account: enough to know it again, not to use it."""
    tight = re.sub(r"\W", "", account).upper()
    return sha256(tight.encode()).hexdigest() if tight else ""


def read_iban(text: str) -> str | None:
    """Return an IBAN without its spaces, or None when it is none."""
    try:
        return str(iban.validate(text))
    except ValidationError:
        return None


def spaced_iban(text: str) -> str:
    """Write an IBAN in groups of four, as banks do."""
    return str(iban.format(text))
