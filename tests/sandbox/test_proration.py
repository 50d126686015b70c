from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from membership.sandbox.periods import after, around
from membership.sandbox.proration import Debit, cost, share, split
from membership.sandbox.reductions import reduce, spread

MOMENTS = st.integers(0, 4_000_000_000)
RHYTHMS = st.tuples(st.sampled_from(["day", "week", "month", "year"]), st.integers(1, 12))
AMOUNTS = st.integers(0, 10_000_000)
quickly = settings(max_examples=60, deadline=None)


def at(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@quickly
@given(MOMENTS, RHYTHMS, MOMENTS)
def test_every_moment_lies_in_one_period(anchor, rhythm, moment):
    start, end = around(anchor, rhythm, moment)

    assert start <= moment < end
    assert around(anchor, rhythm, start) == around(anchor, rhythm, end - 1) == (start, end)
    assert around(anchor, rhythm, end)[0] == end


@quickly
@given(MOMENTS, st.integers(-200, 200), st.integers(1, 12))
def test_an_anchor_day_is_kept_wherever_the_month_has_it(anchor, number, count):
    begun, moved = (datetime.fromtimestamp(one, UTC) for one in (anchor, after(anchor, "month", number * count)))

    assert moved.time() == begun.time()
    assert moved.day == begun.day or (
        moved.day < begun.day and (datetime.fromtimestamp(moved.timestamp() + 86400, UTC)).day == 1
    )


@pytest.mark.parametrize(
    ("anchor", "moment", "start", "end"),
    [
        ("2024-01-31", "2024-02-15", "2024-01-31", "2024-02-29"),
        ("2024-01-31", "2024-02-29", "2024-02-29", "2024-03-31"),
        ("2024-02-29", "2025-02-28", "2025-02-28", "2025-03-29"),
        ("2025-03-30T01:30", "2025-04-30T01:29:59", "2025-03-30T01:30", "2025-04-30T01:30"),
        ("2025-10-26T02:30", "2025-11-26T02:29:59", "2025-10-26T02:30", "2025-11-26T02:30"),
        ("2025-05-30", "2025-02-28", "2025-02-28", "2025-03-30"),
    ],
)
def test_months_end_on_their_last_day_and_clocks_that_change_move_nothing(anchor, moment, start, end):
    assert around(at(anchor), ("month", 1), at(moment)) == (at(start), at(end))


@quickly
@given(
    st.integers(-10_000_000, 10_000_000), st.integers(0, 10**7), st.integers(1, 10**7), st.sampled_from([1, 10, 100])
)
def test_a_share_is_off_by_at_most_half_a_step(amount, part, whole, step):
    found = share(amount, part, whole, step)

    assert found % step == 0
    assert 2 * abs(found * whole - amount * part) <= step * whole
    assert share(-amount, part, whole, step) == -found


@quickly
@given(AMOUNTS, st.integers(1, 10**7), st.integers(0, 10**7))
def test_used_and_unused_time_cost_together_what_the_whole_costs(amount, length, cut):
    kept, back = split([Debit(amount, 0, length)], min(cut, length))

    assert sum(debit.amount for debit in kept) + sum(given_back for _, given_back in back) == amount or not kept
    assert all(debit.end <= cut for debit in kept)
    assert all(0 < given_back <= amount for _, given_back in back)


@quickly
@given(st.lists(st.tuples(AMOUNTS, st.integers(0, 999)), min_size=1, max_size=6))
def test_however_often_the_price_changes_nothing_is_lost_but_the_used_time(changes):
    debits, balance = [], 0
    for price, moment in sorted(changes, key=lambda change: change[1]):
        debits, back = split(debits, moment)
        asked = cost(price, (moment, 1000), (0, 1000))
        balance += asked - sum(given_back for _, given_back in back)
        debits.append(Debit(asked, moment, 1000))
    _, back = split(debits, min(moment for _, moment in changes))

    assert balance >= sum(given_back for debit, given_back in back if debit.start >= moment)


@quickly
@given(st.lists(AMOUNTS, max_size=5), AMOUNTS)
def test_a_sum_is_spread_to_the_last_unit(amounts, total):
    parts = spread(total, amounts)

    assert sum(parts) == min(total, sum(amounts))
    assert all(0 <= part <= amount for part, amount in zip(parts, amounts, strict=True))


def coupon(percent=None, off=None, currency=None, **options):
    found = {"percent_off": percent, "amount_off": off, "currency": currency}
    return found | {"currency_options": {name: {"amount_off": amount} for name, amount in options.items()}}


@pytest.mark.parametrize(
    ("terms", "amounts", "taken"),
    [
        (coupon(percent=25.0), [500, 333], [125, 83]),
        (coupon(percent=12.5), [1000, -400], [125, 0]),
        (coupon(percent=50.0), [5], [3]),
        (coupon(off=300, currency="eur"), [500, 100], [250, 50]),
        (coupon(off=900, currency="eur"), [500, 100], [500, 100]),
        (coupon(off=900, currency="usd", eur=60), [500, 100], [50, 10]),
        (coupon(off=900, currency="usd"), [500], [0]),
    ],
)
def test_a_coupon_takes_its_part_of_each_amount(terms, amounts, taken):
    assert reduce(amounts, terms, "eur") == taken
