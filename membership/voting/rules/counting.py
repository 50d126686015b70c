"""How a round is marked, counted and read: pure, exact, the same for everyone who counts again."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from membership.voting.errors import BallotsUnlisted, NothingMarked, TopicNotOnBallot

FORMAT = "membership.round/1"
# In a smaller round a list of ballots would tell too much about single voters.
LISTED_FROM = 20


@dataclass(frozen=True, slots=True)
class Paper:
    """A ballot without its voter; marks are the slugs of the topics that it approves of."""

    weight: int
    marks: Sequence[str]


@dataclass(frozen=True, slots=True)
class TopicTally:
    """What one topic got: the sum of weights, and of persons."""

    slug: str
    weighted: int
    persons: int
    is_chosen: bool
    is_chosen_by_persons: bool


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of a round, topics best first; among `tied` topics only the lot could decide who gets a seat."""

    ballots: int
    weight: int
    topics: Sequence[TopicTally]
    tied: Sequence[str]

    @property
    def chosen(self) -> list[str]:
        return [topic.slug for topic in self.topics if topic.is_chosen]

    @property
    def chosen_by_persons(self) -> list[str]:
        return [topic.slug for topic in self.topics if topic.is_chosen_by_persons]


def mark(chosen: Iterable[str], topics: Sequence[str]) -> list[str]:
    """Return the marks of an approval ballot: any number of its topics but none, in the order of the ballot."""
    wanted = set(chosen)
    if not wanted <= set(topics):
        raise TopicNotOnBallot
    if not wanted:
        raise NothingMarked
    return [slug for slug in topics if slug in wanted]


def lot(seed: str, slug: str) -> str:
    """Draw a topic's lot, the smaller the better: known to nobody before the seed, and to everybody after."""
    return sha256((seed + slug).encode()).hexdigest()


def tally(papers: Iterable[Paper], topics: Sequence[str], *, seats: int, seed: str) -> Result:
    """Count approvals: the most weighted votes win the seats, lots break ties, a topic nobody marked is not chosen."""
    weighted, persons, ballots = Counter[str](), Counter[str](), Counter[int]()
    for paper in papers:
        ballots[paper.weight] += 1
        persons.update(paper.marks)
        weighted.update(dict.fromkeys(paper.marks, paper.weight))
    ranked = _rank(topics, weighted, seed)
    winners, others = _seat(ranked, weighted, seats), _seat(_rank(topics, persons, seed), persons, seats)
    tallies = [TopicTally(slug, weighted[slug], persons[slug], slug in winners, slug in others) for slug in ranked]
    weight = sum(weight * number for weight, number in ballots.items())
    return Result(ballots.total(), weight, tallies, _tied(ranked, weighted, seats))


def _rank(topics: Iterable[str], votes: Mapping[str, int], seed: str) -> list[str]:
    return sorted(topics, key=lambda slug: (-votes[slug], lot(seed, slug)))


def _seat(ranked: Sequence[str], votes: Mapping[str, int], seats: int) -> set[str]:
    return {slug for slug in ranked[:seats] if votes[slug]}


def _tied(ranked: Sequence[str], votes: Mapping[str, int], seats: int) -> list[str]:
    last, next_one = ranked[seats - 1 : seats], ranked[seats : seats + 1]
    if not last or not next_one or not votes[last[0]] or votes[last[0]] != votes[next_one[0]]:
        return []
    return [slug for slug in ranked if votes[slug] == votes[last[0]]]


def read_result(stored: Mapping[str, Any]) -> Result:
    """Read the outcome out of a round's stored result."""
    told = stored["tally"]
    return Result(told["ballots"], told["weight"], [TopicTally(**topic) for topic in told["topics"]], told["tied"])


def record(facts: Mapping[str, Any], ballots: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Count a round and put the outcome beside its facts: `topics` (each with a slug), `seats`, `tie_seed` and more."""
    papers = [Paper(ballot["weight"], ballot["marks"]) for ballot in ballots]
    slugs = [topic["slug"] for topic in facts["topics"]]
    result = tally(papers, slugs, seats=facts["seats"], seed=facts["tie_seed"])
    return {**facts, "tally": asdict(result)}


def publish(stored: Mapping[str, Any], ballots: Sequence[Mapping[str, Any]]) -> bytes:
    """Write the public export of a stored result; ballots of a small round are left out."""
    listed = sorted(ballots, key=lambda ballot: str(ballot["receipt"])) if len(ballots) >= LISTED_FROM else None
    return canonical({**stored, "ballots": listed})


def recount(export: bytes) -> bytes:
    """Count a public export again; an honest one comes back byte for byte. Raises BallotsUnlisted."""
    published = json.loads(export)
    if published["ballots"] is None:
        raise BallotsUnlisted
    return canonical(record(published, published["ballots"]))


def canonical(value: Mapping[str, Any]) -> bytes:
    """Write JSON in the one way that gives everyone the same bytes: sorted keys, no spaces, UTF-8, one line."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def percent(part: int, whole: int) -> int:
    """Return a share in whole percent, halves up; none of nothing is 0."""
    return (200 * part + whole) // (2 * whole) if whole else 0
