"""Months of the publication's zone, and sums whose parts make the whole."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from membership.money import Money
from membership.reports import rules
from membership.reports.errors import MonthUnreadable
from membership.reports.values import COUNTS, SUMS, Cell, Kind, Purpose, Row

KYIV = "Europe/Kyiv"
CELLS = st.lists(
    st.builds(
        Cell,
        month=st.just(date(2026, 11, 1)),
        currency=st.sampled_from(["eur", "uah", "jpy"]),
        purpose=st.sampled_from(Purpose),
        tier=st.sampled_from(["", "friend", "patron"]),
        source=st.sampled_from(["", "/a", "/b"]),
        payments=st.integers(0, 50),
        gross=st.integers(-(10**6), 10**9),
        covered=st.integers(0, 10**6),
        fee=st.integers(0, 10**6),
        unknown_fees=st.integers(0, 5),
        refunds=st.integers(0, 5),
        refunded=st.integers(-(10**6), 10**9),
        disputed=st.integers(-(10**6), 10**9),
        dispute_fees=st.integers(-(10**6), 10**6),
        written_off=st.integers(-(10**6), 10**6),
    ),
    max_size=30,
)
KEYS = [lambda cell: cell.purpose.value, lambda cell: cell.tier, lambda cell: cell.source]


def row(**fields):
    defaults = {
        "moment": datetime(2026, 11, 3, tzinfo=UTC),
        "kind": Kind.PAYMENT,
        "receipt_number": "R-1",
        "purpose": Purpose.DONATION,
        "tier": "",
        "source": "",
        "gross": Money(2000, "eur"),
        "refunded": Money(0, "eur"),
        "fee": Money(60, "eur"),
        **{name: Money(0, "eur") for name in ("covered", "returned", "disputed", "dispute_fees", "written_off")},
    }
    return Row(**defaults | fields)


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-13", "2026-00", "2026-1", "26-01", "1999-01", "2026-01-01", "٢٠٢٦-١١"]
)
def test_what_is_no_month_is_refused(text):
    with pytest.raises(MonthUnreadable):
        rules.parse_month(text)


def test_a_month_is_read():
    assert rules.parse_month("2026-11") == date(2026, 11, 1)


@pytest.mark.parametrize(
    ("month", "since", "hours"),
    [
        (date(2026, 11, 1), datetime(2026, 10, 31, 22, tzinfo=UTC), 30 * 24),
        (date(2026, 3, 1), datetime(2026, 2, 28, 22, tzinfo=UTC), 31 * 24 - 1),
        (date(2026, 10, 1), datetime(2026, 9, 30, 21, tzinfo=UTC), 31 * 24 + 1),
        (date(2026, 12, 1), datetime(2026, 11, 30, 22, tzinfo=UTC), 31 * 24),
    ],
)
def test_a_month_begins_and_ends_at_midnight_of_the_publication(month, since, hours):
    window = rules.window_of(month, KYIV)

    assert window.since == since
    assert window.until - window.since == timedelta(hours=hours)


def test_months_follow_each_other_without_a_gap():
    windows = rules.months_until(date(2026, 2, 1), 5, KYIV)

    assert [window.month.month for window in windows] == [10, 11, 12, 1, 2]
    assert all(one.until == other.since for one, other in pairwise(windows))


def test_the_last_hour_of_a_month_at_home_belongs_to_it():
    assert rules.month_of(datetime(2026, 10, 31, 22, 30, tzinfo=UTC), KYIV) == date(2026, 11, 1)


def test_a_month_so_far_is_compared_with_as_much_of_the_one_before():
    october, november = (rules.window_of(date(2026, month, 1), "UTC") for month in (10, 11))
    passed = rules.so_far(november, datetime(2026, 11, 11, tzinfo=UTC))

    assert passed.until == datetime(2026, 11, 11, tzinfo=UTC)
    assert rules.same_stretch(october, passed).until == datetime(2026, 10, 11, tzinfo=UTC)


def test_a_long_month_is_compared_with_the_whole_of_a_short_one():
    february, march = (rules.window_of(date(2026, month, 1), "UTC") for month in (2, 3))
    passed = rules.so_far(march, datetime(2026, 5, 1, tzinfo=UTC))

    assert passed == march
    assert rules.same_stretch(february, passed) == february


def test_a_month_to_come_has_no_stretch_yet():
    november = rules.window_of(date(2026, 11, 1), "UTC")

    assert rules.so_far(november, datetime(2026, 10, 1, tzinfo=UTC)).until == november.since


def test_net_is_what_stays_and_unknown_while_the_fee_is():
    assert row().net == Money(1940, "eur")
    assert row(fee=None).net is None
    assert row(gross=Money(0, "eur"), refunded=Money(500, "eur"), fee=Money(0, "eur")).net == Money(-500, "eur")


@given(CELLS)
def test_the_parts_sum_to_the_whole_in_each_currency(cells):
    for whole in rules.totals(cells):
        for key in KEYS:
            own = [part.figures for part in rules.parts(cells, key) if part.figures.currency == whole.currency]

            for name in COUNTS:
                assert sum(getattr(figures, name) for figures in own) == getattr(whole, name)
            for name in (*SUMS, "lost", "net"):
                assert sum(getattr(figures, name).minor for figures in own) == getattr(whole, name).minor


@given(CELLS)
def test_no_currency_is_added_to_another(cells):
    found = rules.totals(cells)

    assert [figures.currency for figures in found] == sorted({cell.currency for cell in cells})
    for figures in found:
        assert figures.gross.minor == sum(cell.gross for cell in cells if cell.currency == figures.currency)


def test_the_largest_part_comes_first():
    month = date(2026, 11, 1)
    small = Cell(month=month, currency="eur", purpose=Purpose.DONATION, tier="", source="/a", gross=5)
    large = Cell(month=month, currency="eur", purpose=Purpose.DONATION, tier="", source="/b", gross=7)

    assert [part.key for part in rules.parts([small, large], lambda cell: cell.source)] == ["/b", "/a"]


@given(st.lists(st.lists(st.sampled_from(["vote", "no_ads", "paywall_free", "no_appeals"]))))
def test_every_tier_with_flags_is_covered(tiers):
    chosen = rules.covering(tiers)

    assert all(set(flags) & set(chosen) for flags in tiers if flags)
    assert len(chosen) == len(set(chosen))


def test_one_flag_that_all_tiers_share_is_enough():
    assert rules.covering([["vote", "no_ads"], ["vote"], [], ["paywall_free", "vote"]]) == ["vote"]


def test_a_month_without_money_is_nought_in_its_series():
    october, november = date(2026, 10, 1), date(2026, 11, 1)
    cell = Cell(month=november, currency="eur", purpose=Purpose.DONATION, tier="", source="", gross=500)

    (found,) = rules.series([(october, []), (november, rules.totals([cell]))])

    assert found.points == [(october, Money(0, "eur")), (november, Money(500, "eur"))]
