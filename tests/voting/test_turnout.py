"""Turnout by tier, with nobody to be made out in it."""

from hypothesis import given
from hypothesis import strategies as st

from membership.voting.rules import Turnout, count_turnout

WEIGHTS = {"reader": 1, "others": 1, "friend": 2, "patron": 3}
cells = st.dictionaries(
    st.sampled_from("abcdef"),
    st.integers(1, 60).flatmap(lambda members: st.tuples(st.just(members), st.integers(0, members))),
)


def test_small_tiers_are_put_together_with_the_next_smallest():
    told = count_turnout({"reader": (100, 40), "friend": (30, 10), "patron": (3, 3)}, WEIGHTS)

    assert told == [Turnout("reader", 100, 40), Turnout("others", 33, 13)]


def test_a_roll_that_is_small_altogether_tells_nothing_by_tier():
    assert count_turnout({"reader": (12, 4), "patron": (3, 3)}, WEIGHTS) == []
    assert count_turnout({"patron": (19, 3)}, WEIGHTS) == []
    assert count_turnout({}, {}) == []


def test_a_small_tier_does_not_follow_from_the_ballots_of_its_weight():
    # The list of ballots tells how many voted with each weight: less the readers', it was one guest.
    told = count_turnout({"reader": (40, 20), "patron": (25, 10), "others": (3, 1)}, WEIGHTS)

    assert told == [Turnout("patron", 25, 10), Turnout("others", 43, 21)]


@given(cells, st.lists(st.integers(1, 3), min_size=6, max_size=6))
def test_no_cell_is_small_and_none_can_be_worked_out(tiers, heavy):
    weights = dict(zip("abcdef", heavy, strict=True))
    told = count_turnout(tiers, weights)
    shown = {cell.tier for cell in told}
    missing = [tier for tier in tiers if tier not in shown]
    for weight in {weights[tier] for tier in tiers if tier in shown}:
        hidden = sum(tiers[tier][0] for tier in missing if weights[tier] == weight)
        assert hidden == 0 or hidden >= 20

    assert all(cell.members >= 20 for cell in told)
    assert len(missing) != 1 or len(tiers) == 1
