"""How much a site may ask within a minute, counted in each web process by itself.

A handful of lines rather than the `limits` package, whose memory store starts a thread whenever it has rested.
"""

from datetime import datetime

WINDOW = 60


class Quotas:
    """Counts what sites ask; a window begins with each full minute."""

    def __init__(self) -> None:
        self._minute = 0
        self._asked: dict[tuple[str, int], int] = {}

    def take(self, kind: str, site_id: int, most: int, now: datetime, *, cost: int = 1) -> int:
        """Count what a site asks; return 0, or in how many seconds it may ask again when that is more than `most`."""
        minute, second = divmod(int(now.timestamp()), WINDOW)
        if minute != self._minute:
            self._minute, self._asked = minute, {}
        name = (kind, site_id)
        # Two threads may miss one another's count; a quota is no account.
        self._asked[name] = asked = self._asked.get(name, 0) + cost
        return 0 if asked <= most else WINDOW - second
