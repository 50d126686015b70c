"""How ballots are counted, by every method: exact whole numbers, and lots where they are equal."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from membership.voting.rules.lots import lot
from membership.voting.rules.marks import Marks
from membership.voting.rules.terms import Method, Terms
from membership.voting.rules.transfers import Step, Transfers, transfer

# Where fewer than these voted with one of the weights, the difference of the two results would tell what they marked.
SHIELDED_BELOW = 5


@dataclass(frozen=True, slots=True)
class Paper:
    """A ballot without its voter."""

    weight: int
    marks: Marks


@dataclass(frozen=True, slots=True)
class TopicTally:
    """What one topic got, by weight and with one vote for each person: approvals, first preferences, points or dots.

    `persons` is None where few voted with one of the weights. Where ballots have no names and counts would tell of
    single ones, everything is None but whether it was chosen.
    """

    slug: str
    weighted: int | None
    persons: int | None
    is_chosen: bool
    is_chosen_by_persons: bool | None


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of a round, topics best first; among `tied` topics only the lot could decide.

    `needed` is the quorum in ballots; without it nothing is chosen. The transfers are those of ranked ballots. Where
    too few voted to tell any count, `ballots` and `weight` are None, and so is `tied` if a lot had to decide.
    """

    ballots: int | None
    weight: int | None
    needed: int
    topics: Sequence[TopicTally]
    tied: Sequence[str] | None
    transfers: Transfers | None = None
    transfers_by_persons: Transfers | None = None

    @property
    def chosen(self) -> list[str]:
        return [topic.slug for topic in self.topics if topic.is_chosen]

    @property
    def chosen_by_persons(self) -> list[str]:
        return [topic.slug for topic in self.topics if topic.is_chosen_by_persons]

    @property
    def is_quorate(self) -> bool:
        # Every ballot marks something: with its quorum a round chooses, however few voted.
        return bool(self.chosen) if self.ballots is None else self.ballots >= self.needed

    @property
    def is_kept_back(self) -> bool:
        """Whether too few voted for any count to be told."""
        return self.ballots is None

    @property
    def is_shielded(self) -> bool:
        """Whether the figures of one person, one vote are kept back."""
        return any(topic.persons is None for topic in self.topics)


@dataclass(frozen=True, slots=True)
class _Count:
    """One way to count: what each topic got, who won, in which order, and which lots were drawn."""

    totals: Mapping[str, int]
    order: Sequence[str]
    winners: Sequence[str]
    tied: Sequence[str]
    transfers: Transfers | None = None


@dataclass(slots=True)
class _Box:
    """Everything marked, summed up: equal rankings once, with their weight and their number."""

    weights: Counter[int]
    weighted: Counter[str]
    persons: Counter[str]
    rankings: dict[tuple[str, ...], list[int]]


def tally(
    papers: Iterable[Paper],
    topics: Sequence[str],
    *,
    seats: int,
    seed: str,
    terms: Terms = Terms(),  # noqa: B008
    members: int = 0,
) -> Result:
    """Count a round by its method, by weight and with one vote for each of the `members` on the roll."""
    box = _sum_up(papers, terms.method)
    weighted = _count(box, box.weighted, 0, topics, seats=seats, seed=seed)
    persons = _count(box, box.persons, 1, topics, seats=seats, seed=seed)
    ballots, is_shielded = box.weights.total(), _is_shielded(box.weights)
    needed = -(-members * terms.quorum_percent // 100)
    is_quorate = ballots >= needed
    tallies = [
        TopicTally(
            slug,
            weighted.totals[slug],
            None if is_shielded else persons.totals[slug],
            is_quorate and slug in weighted.winners,
            is_quorate and slug in persons.winners,
        )
        for slug in weighted.order
    ]
    weight = sum(weight * number for weight, number in box.weights.items())
    told = None if is_shielded else persons.transfers
    return Result(ballots, weight, needed, tallies, weighted.tied, weighted.transfers, told)


def _is_shielded(weights: Mapping[int, int]) -> bool:
    return len(weights) > 1 and min(weights.values()) < SHIELDED_BELOW


def _sum_up(papers: Iterable[Paper], method: Method) -> _Box:
    box = _Box(Counter(), Counter(), Counter(), {})
    for paper in papers:
        box.weights[paper.weight] += 1
        if isinstance(paper.marks, dict):
            _add_numbers(box, paper.weight, paper.marks)
        elif method is Method.RANKED:
            _add_ranking(box, paper.weight, tuple(paper.marks))
        else:
            _add_numbers(box, paper.weight, dict.fromkeys(paper.marks, 1))
    return box


def _add_numbers(box: _Box, weight: int, numbers: Mapping[str, int]) -> None:
    for slug, number in numbers.items():
        box.persons[slug] += number
        box.weighted[slug] += number * weight


def _add_ranking(box: _Box, weight: int, ranking: tuple[str, ...]) -> None:
    votes = box.rankings.setdefault(ranking, [0, 0])
    votes[0] += weight
    votes[1] += 1
    box.weighted[ranking[0]] += weight
    box.persons[ranking[0]] += 1


def _count(box: _Box, totals: Counter[str], which: int, topics: Sequence[str], *, seats: int, seed: str) -> _Count:
    if box.rankings:
        rankings = ((ranking, votes[which]) for ranking, votes in box.rankings.items())
        transfers = transfer(rankings, topics, seats=seats, seed=seed)
        return _Count(totals, transfers.order, transfers.elected, transfers.lots, transfers)
    order = sorted(topics, key=lambda slug: (-totals[slug], lot(seed, slug)))
    winners = [slug for slug in order[:seats] if totals[slug]]
    return _Count(totals, order, winners, _find_tied(order, totals, seats))


def _find_tied(ranked: Sequence[str], votes: Mapping[str, int], seats: int) -> list[str]:
    last, next_one = ranked[seats - 1 : seats], ranked[seats : seats + 1]
    if not last or not next_one or not votes[last[0]] or votes[last[0]] != votes[next_one[0]]:
        return []
    return [slug for slug in ranked if votes[slug] == votes[last[0]]]


def read_result(stored: Mapping[str, Any]) -> Result:
    """Read the outcome out of a round's stored result, without the transfers."""
    told = {name: value for name, value in stored["tally"].items() if not name.startswith("transfers")}
    return Result(**told | {"topics": [TopicTally(**topic) for topic in told["topics"]]})


def read_transfers(told: Mapping[str, Any] | None) -> Transfers | None:
    """Read one count of ranked ballots as it is stored; None where there is none."""
    if told is None:
        return None
    return Transfers(told["quota"], [Step(**step) for step in told["steps"]], told["order"])


def percent(part: int, whole: int) -> int:
    """Return a share in whole percent, halves up; none of nothing is 0."""
    return (200 * part + whole) // (2 * whole) if whole else 0
