"""Calendar arithmetic in UTC: months are counted from the anchor, so that 31 January gives 28 February and 31 March."""

import calendar
from datetime import UTC, datetime, timedelta

DAYS = {"day": 1, "week": 7}
MONTHS = {"month": 1, "year": 12}


def after(anchor: int, interval: str, count: int) -> int:
    """Return the second that lies `count` intervals after the anchor."""
    if interval in DAYS:
        return anchor + int(timedelta(days=DAYS[interval] * count).total_seconds())
    return _months_after(anchor, MONTHS[interval] * count)


def _months_after(anchor: int, months: int) -> int:
    start = datetime.fromtimestamp(anchor, UTC)
    years, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + years, month + 1
    day = min(start.day, calendar.monthrange(year, month)[1])
    return int(start.replace(year=year, month=month, day=day).timestamp())
