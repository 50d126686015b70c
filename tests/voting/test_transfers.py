"""Ranked ballots: published worked examples, and the laws that every count keeps."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from membership.voting.rules import SCALE, lot, transfer

TOPICS = ["ant", "bee", "cat", "dog", "elk"]
rankings = st.lists(st.sampled_from(TOPICS), unique=True, min_size=1).map(tuple)
ballots = st.lists(st.tuples(rankings, st.integers(1, 3)), max_size=40)
seats = st.integers(1, 4)


def votes(step):
    return {slug: units / SCALE for slug, units in step.totals.items()}


def test_tennessee_chooses_its_capital_by_instant_run_off():
    """https://en.wikipedia.org/wiki/Instant-runoff_voting: Memphis 42 %, Nashville 26, Knoxville 17, Chattanooga 15."""
    tennessee = [
        (("memphis", "nashville", "chattanooga", "knoxville"), 42),
        (("nashville", "chattanooga", "knoxville", "memphis"), 26),
        (("chattanooga", "knoxville", "nashville", "memphis"), 15),
        (("knoxville", "chattanooga", "nashville", "memphis"), 17),
    ]
    counted = transfer(tennessee, ["chattanooga", "knoxville", "memphis", "nashville"], seats=1, seed="s")

    assert counted.elected == ["knoxville"]
    assert [step.topic for step in counted.steps if step.kind == "exclusion"] == ["chattanooga", "nashville"]
    assert votes(counted.steps[1]) == {"memphis": 42, "nashville": 26, "knoxville": 32}
    assert votes(counted.steps[2]) == {"memphis": 42, "knoxville": 58}


def test_twenty_guests_choose_three_dishes_by_the_single_transferable_vote():
    """https://en.wikipedia.org/wiki/Single_transferable_vote, the example of a party with twenty guests, quota 6."""
    party = [
        (("orange",), 4),
        (("pear", "orange"), 2),
        (("chocolate", "strawberry"), 8),
        (("chocolate", "sweets"), 4),
        (("strawberry",), 1),
        (("sweets",), 1),
    ]
    counted = transfer(party, ["orange", "pear", "chocolate", "strawberry", "sweets"], seats=3, seed="s")

    assert counted.quota == 6 * SCALE
    assert set(counted.elected) == {"chocolate", "orange", "strawberry"}
    assert votes(counted.steps[1]) == {"orange": 4, "pear": 2, "chocolate": 6, "strawberry": 5, "sweets": 3}


def test_transfer_values_are_cut_to_five_decimals():
    """Seven votes, quota three, a surplus of four: each vote goes on at 4/7 = 0.57142."""
    counted = transfer([(("ant", "bee"), 7), (("cat",), 1)], ["ant", "bee", "cat"], seats=2, seed="s")

    assert counted.quota == 3 * SCALE
    assert counted.steps[1].totals["bee"] == 7 * 57_142 == 399_994
    assert counted.steps[1].spent == 6


def test_equals_are_told_apart_by_how_they_stood_before():
    """Rule 50: of those with the fewest, the one that had fewer at the latest step where they differed goes."""
    cast = [(("ant",), 9), (("bee",), 5), (("cat",), 4), (("dog", "cat"), 1), (("elk", "dog", "cat"), 0)]
    counted = transfer(cast[:4], TOPICS, seats=1, seed="s")
    [_, first, second, *_] = [step for step in counted.steps if step.kind in ("first", "exclusion")]

    assert (first.topic, second.topic, second.lots) == ("dog", "cat", [])


def test_only_a_lot_decides_between_those_who_were_always_equal():
    counted = transfer([(("ant",), 1), (("bee",), 1)], ["ant", "bee"], seats=1, seed="5eed")

    assert counted.lots == ["ant", "bee"]
    assert counted.elected == [min(["ant", "bee"], key=lambda slug: lot("5eed", slug))]


def test_what_nobody_ranks_is_not_chosen():
    assert transfer([(("ant",), 3)], TOPICS, seats=3, seed="s").elected == ["ant"]
    assert transfer([], TOPICS, seats=3, seed="s").elected == []


@given(ballots, seats)
def test_no_vote_is_lost_or_made(cast, number_of_seats):
    counted = transfer(cast, TOPICS, seats=number_of_seats, seed="s")
    whole = SCALE * sum(number for _, number in cast)

    for step in counted.steps:
        assert sum(step.totals.values()) + step.spent == whole
        assert min(step.totals.values()) >= 0


@given(ballots, seats)
def test_as_many_are_chosen_as_there_are_seats_and_topics_that_somebody_ranks(cast, number_of_seats):
    counted = transfer(cast, TOPICS, seats=number_of_seats, seed="s")
    ranked = {slug for ranking, _ in cast for slug in ranking}

    assert len(set(counted.elected)) == len(counted.elected) == min(number_of_seats, len(ranked))
    assert sorted(counted.order) == TOPICS
    assert counted.order[: len(counted.elected)] == counted.elected


@given(ballots, seats, st.randoms())
def test_the_order_of_the_ballots_does_not_matter_nor_how_equal_ones_are_put_together(cast, number_of_seats, random):
    apart = [(ranking, 1) for ranking, number in cast for _ in range(number)]
    together = Counter()
    for ranking, number in cast:
        together[ranking] += number
    counted = transfer(together.items(), TOPICS, seats=number_of_seats, seed="s")

    assert transfer(random.sample(apart, len(apart)), TOPICS, seats=number_of_seats, seed="s") == counted


@given(ballots, seats, st.text("0123456789abcdef", min_size=1, max_size=4))
def test_the_seed_decides_nothing_but_lots(cast, number_of_seats, seed):
    one, other = (transfer(cast, TOPICS, seats=number_of_seats, seed=own) for own in ("s", seed))

    assert one.lots or set(one.elected) == set(other.elected)


@given(ballots, seats)
def test_who_has_a_quota_of_first_choices_is_chosen(cast, number_of_seats):
    counted = transfer(cast, TOPICS, seats=number_of_seats, seed="s")
    first = Counter()
    for ranking, number in cast:
        first[ranking[0]] += number * SCALE

    assert {slug for slug in TOPICS if cast and first[slug] >= counted.quota} <= set(counted.elected)
