"""Ballots as they are marked: by method, complete or refused."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from membership.voting.errors import (
    NothingMarked,
    NumberGivenTwice,
    OneMarkOnly,
    RankGivenTwice,
    RankUnreadable,
    ScoreUnreadable,
    TooManyDots,
    TopicNotOnBallot,
)
from membership.voting.rules.terms import Method, Terms

# Slugs, in the order of preference where that counts, or numbers by slug.
Marks = list[str] | dict[str, int]


def mark(given: Iterable[str] | Mapping[str, int], topics: Sequence[str], terms: Terms = Terms()) -> Marks:  # noqa: B008
    """Return the marks of a ballot in their one spelling; `given` are slugs, or numbers by slug for scores and dots.

    Raises TopicNotOnBallot, NothingMarked, OneMarkOnly, RankGivenTwice, ScoreUnreadable or TooManyDots.
    """
    if isinstance(given, Mapping):
        return _number(given, topics, terms)
    slugs = list(given)
    if terms.method in (Method.SCORE, Method.DOTS):
        raise ScoreUnreadable
    if not set(slugs) <= set(topics):
        raise TopicNotOnBallot
    if not slugs:
        raise NothingMarked
    return _choose(slugs, topics, terms)


def _choose(slugs: list[str], topics: Sequence[str], terms: Terms) -> list[str]:
    if terms.method is Method.RANKED:
        if len(set(slugs)) < len(slugs):
            raise RankGivenTwice
        return slugs
    if terms.method is Method.SINGLE and len(set(slugs)) > 1:
        raise OneMarkOnly
    return [slug for slug in topics if slug in slugs]


def _number(given: Mapping[str, int], topics: Sequence[str], terms: Terms) -> dict[str, int]:
    if not set(given) <= set(topics):
        raise TopicNotOnBallot
    if terms.method not in (Method.SCORE, Method.DOTS):
        raise ScoreUnreadable
    most = terms.top_score or terms.budget or 0
    if terms.budget is not None and (dots := sum(given.values())) > terms.budget:
        raise TooManyDots(given=dots, budget=terms.budget)
    if not all(0 <= number <= most for number in given.values()):
        raise ScoreUnreadable
    marked = {slug: given[slug] for slug in topics if given.get(slug)}
    if not marked:
        raise NothingMarked
    return marked


def rank(numbers: Mapping[str, int]) -> list[str]:
    """Return topics in the order of the numbers that a voter wrote at them, 1 for the first; gaps do not matter.

    Raises RankUnreadable for what is no place, or NumberGivenTwice.
    """
    if any(number < 1 for number in numbers.values()):
        raise RankUnreadable
    for number, times in Counter(numbers.values()).items():
        if times > 1:
            raise NumberGivenTwice(number=number)
    return sorted(numbers, key=numbers.__getitem__)
