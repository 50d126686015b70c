"""What the newsroom owes after a vote, in figures; values only."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from membership.topics.models import TopicState

# A group smaller than this is not shown: a share of few people is a fact about each of them.
SMALLEST_GROUP = 10
WATCHED = timedelta(days=90)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Promise:
    """A topic that members chose: when, and when it was reported, if it was; `state` is where it stands now."""

    state: TopicState
    chosen_at: datetime
    reported_at: datetime | None

    @property
    def days(self) -> int | None:
        """Whole days from the choice to the article, begun ones counted."""
        return -(-(self.reported_at - self.chosen_at) // DAY) if self.reported_at else None


@dataclass(frozen=True, slots=True)
class Kept:
    """Promises kept: how many were made, reported, given up, still owed; the median of days to an article."""

    made: int
    reported: int
    dropped: int
    owed: int
    median_days: int | None

    @property
    def percent(self) -> int | None:
        """Reported of those that are settled, in whole percent, halves up; what is still owed counts for neither."""
        settled = self.reported + self.dropped
        return (200 * self.reported + settled) // (2 * settled) if settled else None


def count_kept(promises: Iterable[Promise]) -> Kept:
    """Count what became of promises."""
    found = list(promises)
    days = [promise.days for promise in found if promise.days is not None]
    reported = sum(promise.state is TopicState.PUBLISHED for promise in found)
    dropped = sum(promise.state is TopicState.DROPPED for promise in found)
    middle = round(median(days)) if days else None
    return Kept(len(found), reported, dropped, len(found) - reported - dropped, middle)


@dataclass(frozen=True, slots=True)
class Cohort:
    """People who were on a roll: how many, and how many of them still gave at the end of the watch."""

    people: int
    stayed: int

    @property
    def percent(self) -> int | None:
        """The share that stayed, in whole percent; not told of a small group."""
        if self.people < SMALLEST_GROUP:
            return None
        return (200 * self.stayed + self.people) // (2 * self.people)


def cohort_of(ends: Sequence[datetime | None], closed_at: datetime) -> Cohort:
    """Follow people from the close of a vote; `ends` says when each one's support ended, None while it goes on."""
    until = closed_at + WATCHED
    return Cohort(len(ends), sum(end is None or end > until for end in ends))
