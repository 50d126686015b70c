"""How a round is voted and counted, and who may vote in it: fixed for good when it opens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from membership.topics.rules import check_slug, word_title, word_why
from membership.voting.errors import (
    BudgetUnreadable,
    ClosesTooEarly,
    ClosesTooLate,
    FlagMissing,
    HoldUnreadable,
    MonthsUnreadable,
    OpensTooEarly,
    QuorumUnreadable,
    ReasonMissing,
    SeatsUnreadable,
    TooFewTopics,
    TopScoreUnreadable,
    WeightUnreadable,
)
from membership.words import clean_reason

HEAVIEST = 3
MOST_DOTS = 100
HIGHEST_SCORE = 10
LONGEST_HOLD = 7 * 24
MOST_MONTHS = 120
LONGEST_WAIT = timedelta(days=366)
# Forms know minutes: one that has begun is still the one to open in.
AT_ONCE = timedelta(minutes=1)


class Method(StrEnum):
    """How a ballot is marked, and so how it is counted."""

    APPROVAL = "approval"
    SINGLE = "single"
    RANKED = "ranked"
    SCORE = "score"
    DOTS = "dots"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How a round is voted and counted; `budget` is for dots, `top_score` for scores, `hold_hours` before publishing.

    With `is_anonymous` off, voters sign their ballots and are listed with them. With `is_live` on, the standing is
    shown while the round is open, in coarse steps.
    """

    method: Method = Method.APPROVAL
    budget: int | None = None
    top_score: int | None = None
    quorum_percent: int = 0
    is_anonymous: bool = True
    is_live: bool = False
    hold_hours: int = 0

    def check(self) -> None:
        """Raise the first reason why nothing can be counted like this."""
        if not _is_fit(self.budget, self.method is Method.DOTS, MOST_DOTS):
            raise BudgetUnreadable
        if not _is_fit(self.top_score, self.method is Method.SCORE, HIGHEST_SCORE):
            raise TopScoreUnreadable
        if not 0 <= self.quorum_percent <= 100:
            raise QuorumUnreadable
        if not 0 <= self.hold_hours <= LONGEST_HOLD:
            raise HoldUnreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class Electorate:
    """Who may vote: who holds one of `flags`, by one of `tiers` (any, if none is named), paid for `min_months` so far.

    `weights` are by tier, from one to three; a tier that is not named keeps its own. With `is_open_roll` on, who
    joins while the round is open may vote too.
    """

    flags: Sequence[str] = ("vote",)
    tiers: Sequence[str] = ()
    min_months: int = 0
    weights: Mapping[str, int] = field(default_factory=dict)
    is_open_roll: bool = False

    def check(self) -> None:
        """Raise the first reason why no roll can be drawn up like this."""
        if not self.flags:
            raise FlagMissing
        if not 0 <= self.min_months <= MOST_MONTHS:
            raise MonthsUnreadable
        if any(cap(weight) != weight for weight in self.weights.values()):
            raise WeightUnreadable

    def weigh(self, tier: str, weight: int) -> int:
        """Return the weight of a vote by a tier whose own weight this is."""
        return cap(self.weights.get(tier, weight))


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundDraft:
    """A round as the newsroom prepares it; texts are kept per language, topics are slugs in the order of the ballot."""

    slug: str
    title: Mapping[str, str]
    intro: Mapping[str, str]
    seats: int
    opens_at: datetime
    closes_at: datetime
    topics: Sequence[str]
    terms: Terms = Terms()
    electorate: Electorate = Electorate()

    def check(self) -> None:
        """Raise the first reason why this cannot become a round."""
        check_slug(self.slug)
        word_title(self.title)
        word_why(self.intro, "intro")
        if len(self.topics) < 2 or len(set(self.topics)) < len(self.topics):
            raise TooFewTopics
        if not 0 < self.seats < len(self.topics):
            raise SeatsUnreadable
        if self.closes_at <= self.opens_at:
            raise ClosesTooEarly
        self.terms.check()
        self.electorate.check()


def check_times(opens_at: datetime, closes_at: datetime, now: datetime) -> None:
    """Raise OpensTooEarly, ClosesTooEarly or ClosesTooLate for times at which nothing can be opened or closed."""
    if opens_at < now - AT_ONCE:
        raise OpensTooEarly
    if closes_at <= opens_at:
        raise ClosesTooEarly
    check_end(closes_at, now)


def check_end(closes_at: datetime, now: datetime) -> None:
    """Raise ClosesTooLate for a closing time that nobody can mean."""
    if closes_at > now + LONGEST_WAIT:
        raise ClosesTooLate


def check_reason(reason: str) -> str:
    """Return why something is done, as it can be read. Raises ReasonMissing if nothing of it can be seen."""
    kept = clean_reason(reason)
    if not kept:
        raise ReasonMissing
    return kept


def _is_fit(number: int | None, is_needed: bool, most: int) -> bool:
    return number is not None and 0 < number <= most if is_needed else number is None


def cap(weight: int) -> int:
    """Keep a tier's weight within what a round allows."""
    return min(max(weight, 1), HEAVIEST)
