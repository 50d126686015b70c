"""Amounts: read exactly, or refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from membership.errors import Invalid
from membership.money import (
    CURRENCIES,
    LARGEST_MINOR,
    AmountNotChargeable,
    AmountNotWhole,
    AmountUnreadable,
    Money,
    admit_charge,
    exponent_of,
    parse_amount,
    step_of,
    total,
)
from membership.sandbox.currencies import STEPS, decimals


@pytest.mark.parametrize(
    ("text", "minor"), [("5", 500), ("7.50", 750), ("7,50", 750), (" 12 ", 1200), ("0.5", 50), ("999999.99", 99999999)]
)
def test_plain_amounts_are_read_to_the_cent(text, minor):
    assert parse_amount(text, "eur") == Money(minor, "eur")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nan",
        "inf",
        "1e3",
        "-5",
        "+5",
        "0.001",
        "1_000",
        "１００",
        "٥",
        "١٢",
        "1.2.3",
        "1,000.50",
        "5 0",
        "0x5",
        ".5",
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(Invalid):
        parse_amount(text, "eur")


@pytest.mark.parametrize("text", ["1000000000000000000", "1000000", "99999999999"])
def test_amounts_beyond_what_a_card_can_take_are_refused(text):
    with pytest.raises(Invalid):
        parse_amount(text, "eur")


def test_currencies_without_cents_take_none():
    assert parse_amount("500", "jpy") == Money(500, "jpy")
    with pytest.raises(AmountNotWhole):
        parse_amount("5.5", "jpy")
    with pytest.raises(AmountUnreadable):
        parse_amount("5.000", "jpy")


def test_an_amount_is_read_as_it_was_typed_and_never_rounded():
    assert parse_amount("1.239", "kwd") == Money(1239, "kwd")
    assert parse_amount("300.50", "isk") == Money(30_050, "isk")


@pytest.mark.parametrize(
    ("minor", "currency", "below", "above"),
    [(5123, "kwd", "5.120", "5.130"), (1009, "tnd", "1", "1.010"), (30_050, "isk", "300", "301")],
)
def test_what_cannot_be_charged_is_refused_with_the_two_nearest_amounts_that_can(minor, currency, below, above):
    with pytest.raises(AmountNotChargeable) as refused:
        admit_charge(Money(minor, currency))

    told = {name: str(value) for name, value in refused.value.values.items()}
    assert (told["below"][3:].strip("\xa0"), told["above"][3:].strip("\xa0")) == (below, above)


def test_what_can_be_charged_is_let_through():
    for amount in (Money(5120, "kwd"), Money(800_000, "ugx"), Money(1, "eur"), Money(1, "jpy")):
        admit_charge(amount)


def test_our_table_of_minor_units_is_the_sandboxs():
    assert {one: (exponent_of(one), step_of(one)) for one in CURRENCIES} == {
        one: (decimals(one), STEPS.get(one, 1)) for one in CURRENCIES
    }


def test_unknown_currencies_are_refused():
    with pytest.raises(Invalid):
        exponent_of("xyz")


def test_currencies_are_never_mixed():
    with pytest.raises(ValueError, match="never mixed"):
        Money(1, "eur") + Money(1, "usd")


def test_fractions_of_a_cent_do_not_exist():
    with pytest.raises(TypeError):
        Money(1.5, "eur")  # type: ignore[arg-type]


@given(st.text(max_size=12), st.sampled_from(sorted(CURRENCIES)))
def test_whatever_is_typed_is_an_amount_in_bounds_or_a_refusal(text, currency):
    try:
        amount = parse_amount(text, currency)
    except Invalid:
        return

    assert 0 <= amount.minor <= LARGEST_MINOR


@given(st.lists(st.integers(-(10**9), 10**9)))
def test_sums_are_exact(minors):
    amounts = [Money(minor, "eur") for minor in minors]

    assert total(amounts, "eur").minor == sum(minors)
    assert total([-amount for amount in amounts], "eur") == -total(amounts, "eur")


def test_amounts_compare_and_multiply():
    assert Money(1, "eur") * 3 - Money(1, "eur") < Money(3, "eur")
