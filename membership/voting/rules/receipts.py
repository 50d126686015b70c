"""Receipt codes: what a voter keeps, and finds again in the published list."""

import base64

from membership.voting.errors import ReceiptUnreadable

RECEIPT_BYTES = 10

_PLAIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_UNAMBIGUOUS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def write_receipt(entropy: bytes) -> str:
    """Turn ten random bytes into a code of eighty bits that reads well aloud: KXQ7-93PM-4RTA-8WDE."""
    code = base64.b32encode(entropy).decode().translate(str.maketrans(_PLAIN, _UNAMBIGUOUS))
    return _grouped(code)


def read_receipt(text: str) -> str:
    """Read a code as a reader types it: any case, any spaces or dashes. Raises ReceiptUnreadable."""
    code = "".join(sign for sign in text.upper() if sign.isalnum())
    if len(code) != 16 or not set(code) <= set(_UNAMBIGUOUS):
        raise ReceiptUnreadable
    return _grouped(code)


def _grouped(code: str) -> str:
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))
