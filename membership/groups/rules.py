"""How an invitation to a seat stands, how long it lives, and how many letters a group may send."""

import secrets
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from membership.groups.models import Seat, SeatEnd

INVITATION_LIFE = timedelta(days=14)
# Nobody is written to more often than this by one group, and not twice within an hour.
MOST_SENT = 5
SENT_AGAIN_AFTER = timedelta(hours=1)
MOST_AT_ONCE = 100
# So that nobody writes to the whole town by inviting and withdrawing.
LETTERS_COUNTED = timedelta(days=1)
SPARE_LETTERS = 10
WARNED_BEFORE = timedelta(days=30)
FORGOTTEN_AFTER = timedelta(days=30)
# What its holder did herself, and what she would be told of for nothing, is no news to her.
TOLD = (SeatEnd.TAKEN_BACK, SeatEnd.GROUP_ENDED)


class SeatState(StrEnum):
    INVITED = "invited"
    EXPIRED = "expired"
    TAKEN = "taken"
    ENDED = "ended"


def state_of(seat: Seat, now: datetime) -> SeatState:
    """Tell how an invitation stands."""
    if seat.ended_at is not None:
        return SeatState.ENDED
    if seat.patron_id is not None:
        return SeatState.TAKEN
    return SeatState.INVITED if now < seat.expires_at else SeatState.EXPIRED


def new_code() -> str:
    """Make what is in the link of an invitation; nobody types it."""
    return secrets.token_urlsafe(24)


def most_letters(seats: int) -> int:
    """Return to how many addresses a group of this many seats may write in a day."""
    return 2 * seats + SPARE_LETTERS


def last_day(ends_at: datetime, timezone: str) -> date:
    """Return the last day of a group, whose end is the midnight after it."""
    return (ends_at - timedelta(microseconds=1)).astimezone(ZoneInfo(timezone)).date()


def sends_again_at(seat: Seat) -> datetime | None:
    """Return from when on the invitation may be sent once more; None when it was sent as often as it may be."""
    return seat.sent_at + SENT_AGAIN_AFTER if seat.times_sent < MOST_SENT else None


def may_send_again(seat: Seat, now: datetime) -> bool:
    """Whether the invitation may be sent once more now."""
    at = sends_again_at(seat)
    return at is not None and at <= now
