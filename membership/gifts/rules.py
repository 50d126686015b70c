"""What a membership for somebody else costs, how its code looks, and how it stands."""

import secrets
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from membership.gifts.errors import SendDayUnreadable
from membership.money import Money
from membership.patrons.rules import ALPHABET
from membership.tiers.models import Interval, Price

MONTHS = (3, 6, 12)
CODE_LENGTH, GROUP = 16, 4
MORNING = time(8)
LATEST = timedelta(days=366)


class GiftState(StrEnum):
    UNPAID = "unpaid"
    WAITING = "waiting"
    SENT = "sent"
    REDEEMED = "redeemed"
    RETURNED = "returned"


def price_for(prices: Mapping[Interval, Price], months: int) -> Money | None:
    """Return what so many months of a tier cost as a gift: a year's price for twelve, else the month's; None if none.

    Whoever gives a year is not asked for more than whoever takes one.
    """
    if months == 12 and Interval.YEAR in prices:
        return prices[Interval.YEAR].amount
    return prices[Interval.MONTH].amount * months if Interval.MONTH in prices else None


def new_code() -> str:
    """Make a code that nobody can guess and anybody can type."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def typed_code(text: str) -> str:
    """Return a code as it was meant, however it was spaced and cased."""
    return "".join(char for char in text.upper() if char in ALPHABET)[: CODE_LENGTH + 1]


def spaced(code: str) -> str:
    """Write a code in groups that are easy to copy."""
    return "-".join(code[start : start + GROUP] for start in range(0, CODE_LENGTH, GROUP))


def send_at(text: str, now: datetime, timezone: str) -> datetime:
    """Read the day on which a code goes out, in the morning of the publication; today and nothing mean at once."""
    today = now.astimezone(ZoneInfo(timezone)).date()
    try:
        day = date.fromisoformat(text) if text else today
    except ValueError:
        raise SendDayUnreadable from None
    if not today <= day <= today + LATEST:
        raise SendDayUnreadable
    morning = datetime.combine(day, MORNING, ZoneInfo(timezone)).astimezone(UTC)
    return now if day == today else morning
