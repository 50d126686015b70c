"""Given time: when it begins, what money comes to, and when a subscription beside it may charge."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from membership.money import Money
from membership.terms import rules
from membership.terms.models import TermPolicy

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = timedelta(days=1)
moments = st.integers(0, 365 * 24 * 20).map(lambda hours: NOW + timedelta(hours=hours))


def policy(month=500, most=12):
    return TermPolicy(month=Money(month, "eur"), most_months=most)


@pytest.mark.parametrize(
    ("paid_until", "given_until", "begins"),
    [
        (None, None, NOW),
        (NOW - DAY, NOW - DAY, NOW),
        (NOW + DAY, None, NOW + DAY),
        (None, NOW + DAY, NOW + DAY),
        (NOW + DAY, NOW + 2 * DAY, NOW + 2 * DAY),
    ],
)
def test_a_gift_begins_after_all_that_she_has(paid_until, given_until, begins):
    assert rules.begins(NOW, paid_until=paid_until, given_until=given_until) == begins


@pytest.mark.parametrize(
    ("given_until", "first"),
    [
        (None, None),
        (NOW, None),
        (NOW + 30 * DAY, NOW + 30 * DAY),
        (NOW + DAY, NOW + rules.SHORTEST_TRIAL),
    ],
)
def test_nobody_pays_for_days_that_she_was_given(given_until, first):
    assert rules.first_charge(NOW, given_until) == first


def test_a_transfer_that_comes_while_it_is_awaited_leaves_no_gap():
    awaited = NOW + 10 * DAY

    assert rules.carries_on(NOW - DAY, NOW, awaited) == NOW
    assert rules.carries_on(awaited, NOW, awaited) == NOW
    assert rules.carries_on(awaited + DAY, NOW, awaited) == awaited + DAY


@pytest.mark.parametrize(("minor", "months"), [(499, 0), (500, 1), (1499, 2), (6000, 12), (99_999_999, 12)])
def test_money_comes_to_whole_months_up_to_the_most(minor, months):
    assert rules.months_for(Money(minor, "eur"), policy()) == months


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [((2026, 1, 31), 1, (2026, 2, 28)), ((2027, 12, 31), 2, (2028, 2, 29)), ((2026, 11, 24), 12, (2027, 11, 24))],
)
def test_months_are_those_of_the_calendar(start, months, end):
    assert rules.add_months(datetime(*start, tzinfo=UTC), months) == datetime(*end, tzinfo=UTC)


@given(moments, st.integers(1, rules.MOST_MONTHS))
def test_months_are_between_28_and_31_days(moment, months):
    length = rules.add_months(moment, months) - moment

    assert 28 * months * DAY <= length <= 31 * months * DAY
