"""How a round is counted: exact, the same for everyone, and nothing of it in anybody's hands."""

import json
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from membership.topics.errors import SlugUnreadable, TitleMissing, TitleTooLong, WhyTooLong
from membership.voting import rules
from membership.voting.errors import (
    BallotsUnlisted,
    ClosesTooEarly,
    NothingMarked,
    ReceiptUnreadable,
    SeatsUnreadable,
    TooFewTopics,
    TopicNotOnBallot,
)
from membership.voting.rules import Paper, RoundDraft, tally

TOPICS = ["water", "roads", "schools", "rents"]
NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)
DRAFT = RoundDraft(
    slug="november",
    title={"en": "What next?"},
    intro={"en": ""},
    seats=1,
    opens_at=NOON,
    closes_at=NOON + timedelta(days=7),
    topics=TOPICS,
)

papers = st.lists(
    st.builds(Paper, st.integers(1, 3), st.lists(st.sampled_from(TOPICS), unique=True, min_size=1)), max_size=30
)
seats = st.integers(1, 3)
seeds = st.text("0123456789abcdef", min_size=4, max_size=8)


def count(cast, seats=1, seed="seed"):
    return tally(cast, TOPICS, seats=seats, seed=seed)


def by_slug(result):
    return {topic.slug: topic for topic in result.topics}


def exported(ballots, number_of_seats=2):
    facts = {
        "format": rules.FORMAT,
        "method": "approval",
        "quorum_percent": 0,
        "roll": {"members": 100},
        "listed": len(ballots) >= rules.LISTED_FROM,
        "seats": number_of_seats,
        "tie_seed": "seed",
        "topics": [{"slug": slug, "title": {"uk": "Вода"}} for slug in TOPICS],
    }
    return rules.publish(rules.record(facts, ballots), ballots if len(ballots) >= rules.LISTED_FROM else None)


def listed(cast):
    return [
        {"receipt": rules.write_receipt(n.to_bytes(10)), "weight": p.weight, "marks": p.marks}
        for n, p in enumerate(cast)
    ]


def test_the_most_weighted_votes_win_and_persons_are_counted_beside_them():
    result = count([Paper(3, ["water"])] * 5 + [Paper(1, ["roads"])] * 5 + [Paper(1, ["roads", "rents"])])

    assert result.chosen == ["water"]
    assert result.chosen_by_persons == ["roads"]
    assert (result.ballots, result.weight) == (11, 21)
    assert (by_slug(result)["roads"].weighted, by_slug(result)["roads"].persons) == (6, 6)


def test_the_figures_by_persons_are_kept_back_where_few_voted_with_one_of_the_weights():
    result = count([Paper(3, ["water"])] * 4 + [Paper(1, ["roads"])] * 20)

    assert result.is_shielded
    assert by_slug(result)["roads"].persons is None
    assert result.chosen_by_persons == ["roads"]


@pytest.mark.parametrize(("ballots", "chosen"), [(2, []), (3, ["water"])])
def test_without_its_quorum_a_round_chooses_nothing(ballots, chosen):
    terms = rules.Terms(quorum_percent=25)
    result = tally([Paper(1, ["water"])] * ballots, TOPICS, seats=1, seed="s", terms=terms, members=9)

    assert (result.needed, result.chosen, result.chosen_by_persons) == (3, chosen, chosen)


def test_without_a_ballot_nothing_is_chosen():
    assert count([], seats=2).chosen == []


def test_a_topic_that_nobody_marked_gets_no_seat():
    assert count([Paper(1, ["water"])], seats=3).chosen == ["water"]


def test_a_tie_is_decided_by_lots_that_anybody_can_draw_again():
    result = count([Paper(1, ["water"]), Paper(1, ["roads"])], seed="5eed")

    assert result.chosen == [min(["water", "roads"], key=lambda slug: sha256(f"5eed{slug}".encode()).hexdigest())]
    assert set(result.tied) == {"water", "roads"}


def test_another_seed_may_decide_a_tie_otherwise():
    cast = [Paper(1, TOPICS)]

    assert len({count(cast, seed=str(seed)).chosen[0] for seed in range(50)}) > 1


def test_equals_that_all_win_or_all_lose_are_no_tie():
    assert count([Paper(1, ["water"]), Paper(1, ["roads"])], seats=2).tied == []
    assert count([Paper(2, ["schools"]), Paper(1, ["water", "roads"])], seats=1).tied == []


def test_more_seats_than_topics_are_no_tie():
    assert tally([Paper(1, ["water"])], ["water"], seats=3, seed="s").chosen == ["water"]
    assert tally([], [], seats=1, seed="s").tied == []


@given(papers, seats, seeds)
def test_every_figure_is_the_plain_sum(cast, number_of_seats, seed):
    result = count(cast, number_of_seats, seed)

    for topic in result.topics:
        approving = [paper for paper in cast if topic.slug in paper.marks]
        assert topic.weighted == sum(paper.weight for paper in approving)
        assert topic.persons == (None if result.is_shielded else len(approving))
    assert (result.ballots, result.weight) == (len(cast), sum(paper.weight for paper in cast))


@given(papers, seats, seeds)
def test_no_loser_has_more_than_a_winner(cast, number_of_seats, seed):
    result = count(cast, number_of_seats, seed)
    winners = [topic.weighted for topic in result.topics if topic.is_chosen]
    losers = [topic.weighted for topic in result.topics if not topic.is_chosen]

    assert max(losers, default=0) <= min(winners, default=max(losers, default=0))
    assert len(winners) == min(number_of_seats, sum(topic.weighted > 0 for topic in result.topics))


@given(papers, seats, seeds, st.randoms())
def test_the_order_of_the_ballots_does_not_matter(cast, number_of_seats, seed, random):
    shuffled = random.sample(cast, len(cast))

    assert count(cast, number_of_seats, seed) == count(shuffled, number_of_seats, seed)


@given(papers, seeds)
def test_one_more_mark_never_harms_a_topic(cast, seed):
    before, after = count(cast, 2, seed), count([*cast, Paper(1, ["water"])], 2, seed)

    assert "water" in after.chosen or "water" not in before.chosen


@given(papers, seeds)
def test_with_equal_weights_both_figures_agree(cast, seed):
    result = count([replace(paper, weight=1) for paper in cast], 2, seed)

    assert result.chosen == result.chosen_by_persons


@given(st.lists(papers.filter(len), min_size=20, max_size=25), seats)
def test_an_honest_export_comes_back_byte_for_byte(rounds, number_of_seats):
    export = exported(listed([paper for cast in rounds for paper in cast]), number_of_seats)

    assert rules.recount(export) == export
    assert rules.recount(json.dumps(json.loads(export), indent=4).encode()) == export


def test_a_bent_export_does_not_come_back():
    honest = exported(listed([Paper(1, ["water"])] * 20))
    bent = json.loads(honest)
    bent["tally"]["topics"][0]["weighted"] += 1

    assert rules.recount(rules.canonical(bent)) == honest


def test_the_ballots_of_a_small_round_are_not_listed():
    export = exported(listed([Paper(1, ["water"])] * 19))

    assert json.loads(export)["ballots"] is None
    with pytest.raises(BallotsUnlisted):
        rules.recount(export)


def test_ballots_are_listed_by_receipt_in_readable_letters():
    export = exported(list(reversed(listed([Paper(1, ["water"])] * 20))))
    receipts = [ballot["receipt"] for ballot in json.loads(export)["ballots"]]

    assert receipts == sorted(receipts)
    assert "Вода".encode() in export


def test_a_stored_result_is_read_as_it_was():
    result = count([Paper(2, ["water", "roads"])], seats=1)

    ranked = tally([Paper(1, ["roads", "water"])], TOPICS, seats=1, seed="s", terms=rules.Terms(method="ranked"))

    for told in (result, ranked):
        assert rules.read_result({"tally": json.loads(json.dumps(asdict(told)))}) == told


def test_marks_are_kept_in_the_order_of_the_ballot():
    assert rules.mark(["rents", "water", "rents"], TOPICS) == ["water", "rents"]


@pytest.mark.parametrize(
    ("marks", "refusal"), [([], NothingMarked), (["moon"], TopicNotOnBallot), (["water", "\x00"], TopicNotOnBallot)]
)
def test_a_ballot_marks_something_that_is_on_it(marks, refusal):
    with pytest.raises(refusal):
        rules.mark(marks, TOPICS)


@pytest.mark.parametrize(("weight", "capped"), [(-1, 1), (0, 1), (2, 2), (3, 3), (9, 3)])
def test_a_weight_lies_between_one_and_three(weight, capped):
    assert rules.cap(weight) == capped


@given(st.binary(min_size=10, max_size=10))
def test_a_receipt_is_read_however_it_is_typed(entropy):
    receipt = rules.write_receipt(entropy)

    assert rules.read_receipt(f" {receipt.lower().replace('-', ' ')} ") == receipt
    assert not set(receipt) & set("01IO")


@given(st.binary(min_size=10, max_size=10), st.binary(min_size=10, max_size=10))
def test_two_receipts_are_the_same_only_if_their_randomness_is(one, other):
    assert (rules.write_receipt(one) == rules.write_receipt(other)) == (one == other)


@pytest.mark.parametrize("text", ["", "KXQ7", "KXQ7-93PM-4RTA-8WD0", "KXQ7-93PM-4RTA-8WDE-A", "КХQ7-93PM-4RTA-8WDE"])
def test_what_is_no_receipt_is_refused(text):
    with pytest.raises(ReceiptUnreadable):
        rules.read_receipt(text)


def test_a_draft_that_says_everything_is_taken():
    DRAFT.check()


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"slug": "Листопад"}, SlugUnreadable),
        ({"slug": "a" * 81}, SlugUnreadable),
        ({"title": {"uk": "Що далі?"}}, TitleMissing),
        ({"title": {"en": " \u202e"}}, TitleMissing),
        ({"title": {"en": "a" * 5000}}, TitleTooLong),
        ({"intro": {"en": "a" * 1001}}, WhyTooLong),
        ({"topics": ["water"]}, TooFewTopics),
        ({"topics": ["water", "water"]}, TooFewTopics),
        ({"seats": 0}, SeatsUnreadable),
        ({"seats": 4}, SeatsUnreadable),
        ({"closes_at": NOON}, ClosesTooEarly),
    ],
)
def test_a_draft_is_refused_for_what_it_lacks(change, refusal):
    with pytest.raises(refusal):
        replace(DRAFT, **change).check()


@pytest.mark.parametrize(("part", "whole", "percent"), [(0, 0, 0), (1, 3, 33), (1, 2, 50), (1, 200, 1), (7, 7, 100)])
def test_shares_are_rounded_half_up(part, whole, percent):
    assert rules.percent(part, whole) == percent
