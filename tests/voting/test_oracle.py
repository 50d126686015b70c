"""Every method against an independent library, over thousands of random elections."""

from itertools import groupby
from pathlib import Path

import pytest

from membership.voting.rules import Method, Paper, Terms, tally
from tests.voting.elections import METHODS, elect

CHOSEN = [line.split() for line in Path(__file__).with_name("elections.txt").read_text().splitlines()]
BY_METHOD = {method: list(lines) for method, lines in groupby(CHOSEN, key=lambda line: line[0])}


def choose(method, seed):
    topics, seats, ballots = elect(method, seed)
    papers = [
        Paper(1, {str(topic): n for topic, n in marks.items()} if isinstance(marks, dict) else [*map(str, marks)])
        for marks in ballots
    ]
    slugs = [str(topic) for topic in range(topics)]
    return tally(papers, slugs, seats=seats, seed="s", terms=Terms(method=Method(method))).chosen


@pytest.mark.parametrize("method", METHODS)
def test_the_library_chose_the_same(method):
    different = [seed for _, seed, *winners in BY_METHOD[method] if sorted(choose(method, int(seed))) != winners]

    assert len(BY_METHOD[method]) > 900
    assert different == []
