"""Turnout by tier, with nobody to be made out in it."""

from hypothesis import given
from hypothesis import strategies as st

from membership.voting.rules import Turnout, count_turnout

cells = st.dictionaries(
    st.sampled_from("abcdef"),
    st.integers(1, 60).flatmap(lambda members: st.tuples(st.just(members), st.integers(0, members))),
)


def test_small_tiers_are_put_together_with_the_next_smallest():
    told = count_turnout({"reader": (100, 40), "friend": (30, 10), "patron": (3, 3)})

    assert told == [Turnout("reader", 100, 40), Turnout("others", 33, 13)]


def test_a_roll_that_is_small_altogether_tells_nothing_by_tier():
    assert count_turnout({"reader": (12, 4), "patron": (3, 3)}) == []
    assert count_turnout({"patron": (19, 3)}) == []
    assert count_turnout({}) == []


@given(cells)
def test_no_cell_is_small_and_none_can_be_worked_out(tiers):
    told = count_turnout(tiers)
    missing = [tier for tier in tiers if tier not in {cell.tier for cell in told}]

    assert all(cell.members >= 20 for cell in told)
    assert len(missing) != 1 or len(tiers) == 1
