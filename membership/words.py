"""What people wrote, as far as anybody can see it."""

import unicodedata

# They have a width or a letter's class, and no shape: fillers of Hangul, a blank of Braille, vowels that are not heard.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")


def clean_text(text: str) -> str:
    """Return a text without signs that nobody sees, or that turn the direction of what follows; lines are kept."""
    return "".join(map(_clean, text.replace("\r\n", "\n"))).strip()


def clean_reason(text: str) -> str:
    """Return a reason as it can be read; empty if nothing of it can be seen."""
    kept = clean_text(text)
    return kept if any(map(_is_seen, kept)) else ""


def _clean(sign: str) -> str:
    # Marks of direction and joiners go; what keeps words apart, a hard space or a control, stays as a space.
    if sign.isprintable() or sign == "\n":
        return sign
    return "" if unicodedata.category(sign) == "Cf" else " "


def _is_seen(sign: str) -> bool:
    return not sign.isspace() and sign not in _BLANK and unicodedata.category(sign) not in ("Mn", "Me")
