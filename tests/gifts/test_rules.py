"""What a membership for somebody else costs, when it is sent, and how its code is read."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from membership.gifts import rules
from membership.gifts.errors import SendDayUnreadable
from membership.money import Money
from membership.tiers.models import Interval, Price

NOW = datetime(2026, 11, 24, 23, tzinfo=UTC)
MONTH, YEAR = Price(amount=Money(500, "eur")), Price(amount=Money(5000, "eur"))


@pytest.mark.parametrize(
    ("prices", "months", "minor"),
    [
        ({Interval.MONTH: MONTH, Interval.YEAR: YEAR}, 12, 5000),
        ({Interval.MONTH: MONTH}, 12, 6000),
        ({Interval.MONTH: MONTH, Interval.YEAR: YEAR}, 3, 1500),
        ({Interval.YEAR: YEAR}, 3, None),
    ],
)
def test_a_gift_costs_what_it_costs_whoever_pays_for_herself(prices, months, minor):
    found = rules.price_for(prices, months)

    assert (found and found.minor) == minor


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("", NOW),
        ("2026-11-25", NOW),
        ("2026-12-24", datetime(2026, 12, 24, 6, tzinfo=UTC)),
        ("2027-07-01", datetime(2027, 7, 1, 5, tzinfo=UTC)),
    ],
)
def test_a_code_goes_out_in_the_morning_of_the_publication_s_day(text, moment):
    assert rules.send_at(text, NOW, "Europe/Kyiv") == moment


@pytest.mark.parametrize("text", ["2026-11-24", "2028-01-01", "24.12.2026", "tomorrow", "0000-00-00"])
def test_other_days_are_refused(text):
    with pytest.raises(SendDayUnreadable):
        rules.send_at(text, NOW, "Europe/Kyiv")


def test_a_code_is_read_however_it_is_typed():
    code = rules.new_code()

    assert rules.typed_code(f" {rules.spaced(code).lower()} ") == code
    assert len(rules.spaced(code)) == 19


@given(st.text())
def test_whatever_is_typed_is_read_short(text):
    assert len(rules.typed_code(text)) <= rules.CODE_LENGTH + 1
