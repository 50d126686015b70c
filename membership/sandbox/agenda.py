"""Work that is due later: what, for which object, and at which second."""

import heapq

Entry = tuple[int, int, str, str]


class Agenda:
    """A queue of work in the order of time; of one second, in the order it was planned."""

    def __init__(self, entries: list[Entry] | None = None) -> None:
        self.entries = entries or []
        self.planned = max((number for _, number, _, _ in self.entries), default=0)

    def plan(self, due: int, work: str, id: str) -> None:
        """Note work for a moment."""
        self.planned += 1
        heapq.heappush(self.entries, (due, self.planned, work, id))

    def take(self, until: int) -> Entry | None:
        """Take the earliest work that is due by then."""
        if not self.entries or self.entries[0][0] > until:
            return None
        return heapq.heappop(self.entries)
