"""Votes among so few that the counts would tell how a person voted: of those only what was chosen is told."""

from collections.abc import Mapping, Sequence

from membership.voting.rules.counting import Result, TopicTally

# Who knows that she voted, and how three others did, could subtract: of one to four ballots no figure is told.
TOO_FEW_TO_COUNT = 5


def is_too_few(ballots: Mapping[int, int]) -> bool:
    """Whether counts would tell how a person voted, of so many ballots by their weight; nobody's tell of nobody.

    Few with a weight of their own are as easily made out as few altogether: what they add to the sums is theirs alone.
    """
    return any(0 < number < TOO_FEW_TO_COUNT for number in ballots.values())


def keep_back(result: Result, topics: Sequence[str]) -> Result:
    """Leave of an outcome what was chosen, in the order of the ballot, and whether a lot decided, not between which."""
    chosen = set(result.chosen)
    order = sorted(topics, key=lambda slug: slug not in chosen)
    told = [TopicTally(slug, None, None, slug in chosen, None) for slug in order]
    return Result(None, None, result.needed, told, None if result.tied else [])
