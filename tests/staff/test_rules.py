"""Bars over an axis at zero, pages of a list, what is left of a payment."""

from datetime import date

import pytest

from membership.money import Money
from membership.payments.models import Payment, Refund, RefundStatus
from membership.staff import rules
from membership.staff.words import word
from membership.web import read_page

MONTHS = [date(2026, month, 1) for month in range(1, 13)]


def points(*minor):
    return [(MONTHS[index], Money(amount, "eur")) for index, amount in enumerate(minor)]


def test_bars_are_as_high_as_what_they_tell():
    half, whole, last = rules.draw(points(500, 1000, 0)).bars

    assert (half.height, whole.height, last.height) == (75, 150, 0)
    assert half.y + half.height == whole.y + whole.height == rules.Chart([]).baseline


def test_the_latest_and_the_highest_carry_their_amounts():
    assert [bar.is_labelled for bar in rules.draw(points(100, 1000, 500)).bars] == [False, True, True]


def test_a_year_without_money_is_flat_and_unlabelled():
    drawn = rules.draw(points(0, 0))

    assert [(bar.height, bar.is_labelled) for bar in drawn.bars] == [(0, False), (0, False)]
    assert rules.draw([]).bars == []


def test_all_bars_lie_within_the_chart():
    drawn = rules.draw(points(*range(12)))

    assert all(bar.x >= 0 and bar.x + bar.width <= drawn.width and bar.y >= 0 for bar in drawn.bars)


@pytest.mark.parametrize(
    ("text", "page"), [("", 1), ("3", 3), ("0", 1), ("-1", 1), ("x", 1), ("٣", 1), ("99999", 10_000), ("9" * 50, 1)]
)
def test_the_number_of_a_page_is_read_kindly(text, page):
    assert read_page(text) == page


def test_what_is_on_its_way_back_is_not_left():
    payment = Payment(gross=Money(2000, "eur"))
    statuses = (RefundStatus.STARTED, RefundStatus.SUCCEEDED, RefundStatus.FAILED)
    refunds = [Refund(amount=Money(300, "eur"), status=status) for status in statuses]

    assert rules.left_of(payment, refunds) == Money(1400, "eur")


def test_a_key_without_a_word_stands_for_itself():
    assert word("chosen", "topic") == "chosen"
    assert word("something.new", "job") == "something.new"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/articles/the-river-that-was-sold", "The river that was sold"),
        ("/2026/11/night_bus.html", "Night bus"),
        ("/news/", "News"),
        ("/", "/"),
        ("/-", "/-"),
    ],
)
def test_an_article_is_called_by_the_words_of_its_path(path, name):
    assert rules.article_name(path) == name
