"""What a statement of the bank says, in our own words."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from hashlib import sha256

from membership.i18n import N_, gettext
from membership.money import CURRENCIES, LARGEST_MINOR, Money, exponent_of
from membership.offline.errors import BankFileUnreadable

MOST_BYTES = 4 * 1024 * 1024
MOST_LINES = 20_000
LONGEST_TEXT = 500
_AMOUNT = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class Received:
    """Money that came in: what the bank calls it, when, how much, from whom, with which words."""

    entry_reference: str
    booked_on: date
    amount: Money
    payer: str
    payer_account: str
    text: str


@dataclass(frozen=True, slots=True)
class Statement:
    """What came in on an account; what went out, waits or was taken back by the bank is counted and left out."""

    account: str
    received: tuple[Received, ...]
    left_out: int


def unreadable(why: str, **values: str) -> BankFileUnreadable:
    """Make the refusal of a file, with its reason in the language that is spoken now."""
    return BankFileUnreadable(why=gettext(why, **values))


def read_money(text: str, currency: str, *, where: str) -> Money:
    """Read an amount as banks write it, 1234.50; raises BankFileUnreadable."""
    code = currency.strip().lower()
    if code not in CURRENCIES:
        raise unreadable(N_("an unknown currency in %(where)s"), where=where)
    if not _AMOUNT.fullmatch(text.strip()):
        raise unreadable(N_("an amount in %(where)s"), where=where)
    minor = Decimal(text.strip()).scaleb(exponent_of(code))
    if minor != minor.to_integral_value() or abs(minor) > LARGEST_MINOR * 100:
        raise unreadable(N_("an amount in %(where)s"), where=where)
    return Money(int(minor), code)


def read_date(text: str, *, where: str) -> date:
    """Read a day; raises BankFileUnreadable."""
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        raise unreadable(N_("a day in %(where)s"), where=where) from None


def named(lines: Iterable[Received]) -> tuple[Received, ...]:
    """Give a name to what the bank has not named: the same in each file that tells of the same day.

    Two that are alike on one day are told apart by their number among those.
    """
    seen: Counter[str] = Counter()
    return tuple(line if line.entry_reference else replace(line, entry_reference=_name(line, seen)) for line in lines)


def _name(line: Received, seen: Counter[str]) -> str:
    money = f"{line.amount.minor}{line.amount.currency}"
    said = "\x1f".join((line.booked_on.isoformat(), money, line.payer_account, line.payer, line.text))
    digest = sha256(said.encode()).hexdigest()[:32]
    seen[digest] += 1
    return f"own:{digest}:{seen[digest]}"
