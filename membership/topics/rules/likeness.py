"""Which topics say nearly the same: by the words that they share, however these are ordered, inflected or mistyped."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from membership.loading import Seldom

if TYPE_CHECKING:
    from rapidfuzz import fuzz, utils
    from rapidfuzz.distance import JaroWinkler
else:
    fuzz, utils, JaroWinkler = map(Seldom, ("rapidfuzz.fuzz", "rapidfuzz.utils", "rapidfuzz.distance.JaroWinkler"))

SHORTEST = 5
LIKE_ENOUGH = 59.0
MOST = 5
SAME_WORD = 0.82
# Words that say nothing of what a topic is about.
_EMPTY_WORDS = """
    a an and are at by did do does for from has have how in into is it its of on or our that the their there this to
    was we were what when where which who whom why will with you your
    а або але без в вже від все для до є з за зі і із й коли кому куди на нам нас наш наша наше наші не ні о об ось по
    при про свої та так там те ти то тут у хто це чи чому що щоб як яка яке які якого
"""
_EMPTY = frozenset(_EMPTY_WORDS.split())


@dataclass(frozen=True, slots=True)
class Known:
    """A topic to compare with: its key and all of its titles."""

    key: str
    titles: Sequence[str]


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike a topic is to what was typed, from 0 to 100."""

    key: str
    score: float


def alike(title: str, known: Iterable[Known], *, most: int = MOST) -> list[Likeness]:
    """Return the topics that may be meant by a title, the most alike first."""
    wanted = _bare(title)
    if len(wanted) < SHORTEST:
        return []
    scored = [Likeness(one.key, max(_score(wanted, _bare(other)) for other in one.titles)) for one in known]
    return sorted((one for one in scored if one.score >= LIKE_ENOUGH), key=lambda one: (-one.score, one.key))[:most]


def _bare(title: str) -> str:
    return " ".join(word for word in utils.default_process(title).split() if word not in _EMPTY)


def _score(wanted: str, other: str) -> float:
    # Words count in any order, and inflected ones, which a Ukrainian title is full of, as the same word.
    return max(fuzz.token_sort_ratio(wanted, other), _shared(wanted.split(), other.split()))


def _shared(wanted: Sequence[str], other: Sequence[str]) -> float:
    found = sum(any(_is_same(word, one) for one in other) for word in wanted)
    # One word in common says little, so that the shortest titles are measured as if they had two.
    return min(100.0 * found / max(min(len(wanted), len(other)), 2), 100.0)


def _is_same(word: str, other: str) -> bool:
    return JaroWinkler.similarity(word, other, score_cutoff=SAME_WORD) > 0
