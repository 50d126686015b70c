"""Promises and who stayed, in figures."""

from datetime import UTC, datetime, timedelta

from membership.stories.rules import Cohort, Kept, Promise, cohort_of, count_kept
from membership.topics.models import TopicState

NOW = datetime(2026, 11, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def promise(state, days=None):
    return Promise(state, NOW, NOW + days * DAY if days is not None else None)


def test_what_is_owed_counts_for_neither_kept_nor_broken():
    made = [promise(TopicState.PUBLISHED, 10), promise(TopicState.PUBLISHED, 20.5), promise(TopicState.DROPPED)]
    kept = count_kept([*made, promise(TopicState.ASSIGNED), promise(TopicState.CHOSEN)])

    assert kept == Kept(made=5, reported=2, dropped=1, owed=2, median_days=16)
    assert kept.percent == 67


def test_before_anything_is_settled_there_is_no_share():
    assert count_kept([promise(TopicState.CHOSEN)]).percent is None
    assert count_kept([]) == Kept(0, 0, 0, 0, None)


def test_begun_days_count():
    assert [promise(TopicState.PUBLISHED, days).days for days in (0, 0.1, 1, 1.5)] == [0, 1, 1, 2]


def test_who_ended_within_ninety_days_did_not_stay():
    ends = [None] * 8 + [NOW + 91 * DAY, NOW + 90 * DAY, NOW + DAY]

    assert cohort_of(ends, NOW) == Cohort(people=11, stayed=9)
    assert cohort_of(ends, NOW).percent == 82


def test_a_small_group_is_not_told():
    assert Cohort(9, 9).percent is None
