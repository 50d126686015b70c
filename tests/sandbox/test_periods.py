from datetime import UTC, datetime

import pytest

from membership.sandbox.periods import after


def at(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("interval", "count", "ends"),
    [
        ("day", 3, "2026-02-03T10:30"),
        ("week", 1, "2026-02-07T10:30"),
        ("month", 1, "2026-02-28T10:30"),
        ("month", 2, "2026-03-31T10:30"),
        ("month", 3, "2026-04-30T10:30"),
        ("month", 25, "2028-02-29T10:30"),
        ("year", 1, "2027-01-31T10:30"),
    ],
)
def test_periods_are_counted_from_the_anchor(interval, count, ends):
    assert after(at("2026-01-31T10:30"), interval, count) == at(ends)


def test_a_leap_day_comes_back_after_four_years():
    assert after(at("2028-02-29"), "year", 1) == at("2029-02-28")
    assert after(at("2028-02-29"), "year", 4) == at("2032-02-29")
