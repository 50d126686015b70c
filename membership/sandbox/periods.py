"""Calendar arithmetic in UTC: months are counted from the anchor, so that 31 January gives 28 February and 31 March."""

import calendar
from datetime import UTC, datetime, timedelta

DAYS = {"day": 1, "week": 7}
MONTHS = {"month": 1, "year": 12}
ABOUT = {"day": 86_400, "week": 604_800, "month": 2_629_746, "year": 31_556_952}


def after(anchor: int, interval: str, count: int) -> int:
    """Return the second that lies `count` intervals after the anchor, or before it when the count is negative."""
    if interval in DAYS:
        return anchor + int(timedelta(days=DAYS[interval] * count).total_seconds())
    return _months_after(anchor, MONTHS[interval] * count)


def around(anchor: int, rhythm: tuple[str, int], moment: int) -> tuple[int, int]:
    """Return the period that holds a moment, up to the first second of the next one; the anchor may lie after it."""
    interval, count = rhythm
    number = (moment - anchor) // (ABOUT[interval] * count)
    while after(anchor, interval, count * number) > moment:
        number -= 1
    while after(anchor, interval, count * (number + 1)) <= moment:
        number += 1
    return after(anchor, interval, count * number), after(anchor, interval, count * (number + 1))


def _months_after(anchor: int, months: int) -> int:
    start = datetime.fromtimestamp(anchor, UTC)
    years, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + years, month + 1
    day = min(start.day, calendar.monthrange(year, month)[1])
    return int(start.replace(year=year, month=month, day=day).timestamp())
