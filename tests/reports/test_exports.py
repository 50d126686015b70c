"""CSV that spreadsheets show and never run."""

import csv
from decimal import Decimal
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from membership.money import Money
from membership.reports import exports
from membership.reports.values import Kind
from tests.reports.test_rules import row

DANGEROUS = "=+-@＝＋－＠"


def read(pieces):
    text = "".join(pieces)
    assert text.startswith(exports.BOM)
    return list(csv.reader(StringIO(text.removeprefix(exports.BOM), newline=""), strict=True))


@pytest.mark.parametrize("sign", DANGEROUS)
@pytest.mark.parametrize("before", ["", " ", "\t", "\r", "\n", "x;", "x; ", "x,", "x|", 'x"', "\x00"])
def test_no_text_becomes_a_formula(sign, before):
    shown = exports.neutral(f"{before}{sign}cmd|' /C calc'!A0")

    assert f"'{sign}" in shown.replace(" ", "") or "' " in shown
    assert shown.lstrip()[0] not in DANGEROUS


@pytest.mark.parametrize("start", ["\t", "\r", "\n"])
def test_a_text_does_not_begin_with_a_break(start):
    assert exports.neutral(f"{start}plain").startswith("'")


@pytest.mark.parametrize("text", ["", "/articles/the-river", "R-2026-000001", "friend", "a+b", "naïve – dash", "Олена"])
def test_plain_text_stays_as_it_is(text):
    assert exports.neutral(text) == text


@given(st.text())
def test_whatever_the_text_the_cell_is_harmless(text):
    shown = exports.neutral(text)

    assert not shown.strip() or shown.lstrip()[0] not in DANGEROUS
    assert "\x00" not in shown


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2), max_size=5))
def test_cells_come_back_as_they_were_written(lines):
    expected = [[exports.neutral(cell) for cell in line] for line in lines]

    assert read(exports.to_csv(("one", "two"), lines))[1:] == expected


def test_numbers_stay_numbers_and_refunds_are_negative():
    refund = row(kind=Kind.REFUND, gross=Money(0, "eur"), refunded=Money(500, "eur"), fee=Money(0, "eur"))
    _, payment, back = read(exports.rows_csv([row(), refund]))

    assert payment[6:] == ["eur", "20.00", "0.60", "0.00", "19.40", *["0.00"] * 5]
    assert back[6:] == ["eur", "0.00", "0.00", "-5.00", "-5.00", *["0.00"] * 5]
    assert all(Decimal(cell) is not None for cell in back[7:])


def test_a_fee_that_is_not_known_is_an_empty_cell():
    _, line = read(exports.rows_csv([row(fee=None)]))

    assert line[8] == line[10] == ""


def test_amounts_have_the_digits_of_their_currency():
    assert [str(exports.decimal(Money(500, code))) for code in ("jpy", "eur", "kwd")] == ["500", "5.00", "0.500"]


def test_lines_end_as_the_standard_says():
    assert "".join(exports.rows_csv([row()])).count("\r\n") == 2


def test_a_long_file_comes_in_pieces():
    pieces = list(exports.rows_csv(row() for _ in range(exports.BATCH * 3)))

    assert len(pieces) == 5
    assert len(read(pieces)) == exports.BATCH * 3 + 1
