"""Ballots of every method, complete or refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

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
from membership.voting.forms import read_marks
from membership.voting.rules import Method, Terms, mark

TOPICS = ["water", "roads", "schools"]
SINGLE, RANKED = Terms(method=Method.SINGLE), Terms(method=Method.RANKED)
SCORE, DOTS = Terms(method=Method.SCORE, top_score=5), Terms(method=Method.DOTS, budget=4)


@pytest.mark.parametrize(
    ("terms", "given_", "marked"),
    [
        (SINGLE, ["roads"], ["roads"]),
        (RANKED, ["schools", "water"], ["schools", "water"]),
        (SCORE, {"roads": 5, "water": 0}, {"roads": 5}),
        (DOTS, {"schools": 3, "water": 1}, {"water": 1, "schools": 3}),
    ],
)
def test_a_ballot_is_kept_in_one_spelling(terms, given_, marked):
    found = mark(given_, TOPICS, terms)

    assert found == marked
    assert list(found) == list(marked)


@pytest.mark.parametrize(
    ("terms", "given_", "refusal"),
    [
        (SINGLE, ["water", "roads"], OneMarkOnly),
        (SINGLE, [], NothingMarked),
        (RANKED, ["water", "water"], RankGivenTwice),
        (RANKED, ["moon"], TopicNotOnBallot),
        (RANKED, {"water": 1}, ScoreUnreadable),
        (SCORE, ["water"], ScoreUnreadable),
        (SCORE, {"water": 6}, ScoreUnreadable),
        (SCORE, {"moon": 1}, TopicNotOnBallot),
        (SCORE, {"water": 0}, NothingMarked),
        (DOTS, {}, NothingMarked),
        (DOTS, {"water": 3, "roads": 2}, TooManyDots),
        (DOTS, {"water": -1, "roads": 5}, ScoreUnreadable),
    ],
)
def test_a_ballot_that_is_not_complete_is_refused(terms, given_, refusal):
    with pytest.raises(refusal):
        mark(given_, TOPICS, terms)


@given(st.dictionaries(st.sampled_from(TOPICS), st.integers(-3, 9)))
def test_no_ballot_gives_more_dots_than_there_are(numbers):
    try:
        marked = mark(numbers, TOPICS, DOTS)
    except (NothingMarked, ScoreUnreadable, TooManyDots):
        return
    assert 0 < sum(marked.values()) <= 4
    assert min(marked.values()) > 0


@pytest.mark.parametrize(
    ("terms", "fields", "marks"),
    [
        (SINGLE, [("marks", "roads")], ["roads"]),
        (RANKED, [("number-water", "7"), ("number-roads", " 2 "), ("number-schools", "")], ["roads", "water"]),
        (SCORE, [("number-water", "0"), ("number-roads", "5")], {"water": 0, "roads": 5}),
        (DOTS, [("number-water", "4"), ("csrf_token", "x")], {"water": 4}),
    ],
)
def test_a_form_is_read_by_method(terms, fields, marks):
    assert read_marks(MultiDict(fields), terms) == marks


@pytest.mark.parametrize(("terms", "refusal"), [(RANKED, RankUnreadable), (SCORE, ScoreUnreadable)])
@pytest.mark.parametrize("text", ["one", "-1", "1.5", "9999", "²"])
def test_what_is_no_number_is_refused(terms, refusal, text):
    with pytest.raises(refusal):
        read_marks(MultiDict({"number-water": text}), terms)


def test_a_number_can_be_given_once_and_the_voter_is_told_which():
    with pytest.raises(NumberGivenTwice, match="The number 2 stands at more than one topic"):
        read_marks(MultiDict({"number-water": "2", "number-roads": "02", "number-schools": "1"}), RANKED)


def test_nought_is_no_rank_but_is_a_score():
    fields = MultiDict({"number-water": "0", "number-roads": "1"})
    with pytest.raises(RankUnreadable, match="Leave the field empty"):
        read_marks(fields, RANKED)

    assert read_marks(fields, SCORE) == {"water": 0, "roads": 1}
