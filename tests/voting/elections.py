"""Random elections, the same on every machine, and what an independent library chose in them.

`elections.txt` was written by pref_voting (MIT, https://pypi.org/project/pref-voting), which counts ranked ballots by
the same Scottish rule, and approvals, scores, dots and single marks by its own methods:

    .venv-oracle/bin/python -m tests.voting.elections > tests/voting/elections.txt

It is heavy (numba, ortools), so it is asked once and not by every run of the tests. A line is the method, the seed, and
the winners; elections that the library calls tied are left out.
"""

import random
from collections.abc import Iterator

METHODS = ("ranked", "approval", "single", "score", "dots")
EACH = 1200


def elect(method: str, seed: int) -> tuple[int, int, list[list[int] | dict[int, int]]]:
    """Return the number of topics, of seats, and the ballots of an election."""
    # Only `random()`, which gives the same numbers in every version of Python.
    draw = random.Random(f"{method} {seed}").random
    topics = 3 + int(draw() * 5)
    seats = 1 + int(draw() * min(3, topics - 1)) if method == "ranked" else 1
    bias = [0.2 + draw() for _ in range(topics)]
    voters = (11, 40, 150)[int(draw() * 3)]
    return topics, seats, [_mark(method, topics, bias, draw) for _ in range(voters)]


def _mark(method, topics, bias, draw):  # type: ignore[no-untyped-def]
    liked = sorted(range(topics), key=lambda topic: draw() * bias[topic])[: 1 + int(draw() * topics)]
    if method in ("ranked", "approval"):
        return liked
    if method == "single":
        return liked[:1]
    if method == "score":
        return {topic: 1 + int(draw() * 5) for topic in liked}
    dots: dict[int, int] = {}
    for _ in range(6):
        topic = liked[int(draw() * len(liked))]
        dots[topic] = dots.get(topic, 0) + 1
    return dots


def _ask_the_library(method: str, seed: int) -> list[int]:
    from pref_voting.grade_methods import score_voting  # noqa: PLC0415
    from pref_voting.grade_profiles import GradeProfile  # noqa: PLC0415
    from pref_voting.profiles_with_ties import ProfileWithTies  # noqa: PLC0415
    from pref_voting.proportional_methods import stv_scottish  # noqa: PLC0415

    topics, seats, ballots = elect(method, seed)
    if method == "ranked":
        ranks = [{topic: place for place, topic in enumerate(ballot, 1)} for ballot in ballots]
        return sorted(stv_scottish(ProfileWithTies(ranks, candidates=list(range(topics))), num_seats=seats))
    marks = [ballot if isinstance(ballot, dict) else dict.fromkeys(ballot, 1) for ballot in ballots]
    grades = [{topic: ballot.get(topic, 0) for topic in range(topics)} for ballot in marks]
    return sorted(
        score_voting(GradeProfile(grades, list(range(7)), candidates=list(range(topics))), evaluation_method="sum")
    )


def _is_decided_by_lot(method: str, seed: int) -> bool:
    from membership.voting.rules.transfers import transfer  # noqa: PLC0415

    topics, seats, ballots = elect(method, seed)
    cast = [(tuple(map(str, ballot)), 1) for ballot in ballots]
    return bool(transfer(cast, [str(topic) for topic in range(topics)], seats=seats, seed="s").lots)


def lines() -> Iterator[str]:
    """Yield what the library chose."""
    for method in METHODS:
        for seed in range(EACH):
            if method == "ranked" and _is_decided_by_lot(method, seed):
                continue
            winners = _ask_the_library(method, seed)
            if method == "ranked" or len(winners) == 1:
                yield f"{method} {seed} {' '.join(map(str, winners))}"


if __name__ == "__main__":
    print("\n".join(lines()))  # noqa: T201
