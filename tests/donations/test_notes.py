"""What is kept of the words that come with a gift."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from membership.donations import rules

CARDS = ["4242424242424242", "4242 4242 4242 4242", "4242-4242-4242-4242", "4242.4242.4242.4242", "٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢"]


@pytest.mark.parametrize("card", CARDS)
def test_the_number_of_a_card_is_not_kept(card):
    kept = rules.kept_message(f"my card {card} 12/29")

    assert kept.startswith("my card •••• ")
    assert kept.count("4242") <= 1


def test_an_american_card_and_one_in_a_longer_run_are_hidden():
    assert rules.mask_cards("3782 822463 10005") == "•••• 0005"
    assert "42424242424242" not in rules.mask_cards("no 99942424242424242420000")


@pytest.mark.parametrize("text", ["", "20.11.2026", "call +380 44 123 45 67", "order 12345"])
def test_other_numbers_stay(text):
    assert rules.mask_cards(text) == text


@given(st.text(alphabet="0123456789 -", max_size=60), st.integers(10**11, 10**17))
def test_no_whole_card_is_ever_kept(around, number):
    card = f"{number}{luhn.calc_check_digit(str(number))}"

    assert card not in rules.kept_message(f"{around} {card} {around}").replace(" ", "")


def test_links_and_what_cannot_be_seen_are_left_out():
    kept = rules.kept_message(
        "Win\u202e money\u200b at https://spam.example/x\x00 or www.spam.example!\r\n\r\n\r\n\r\nBye\t\tnow "
    )

    assert kept == "Win money at … or …\n\nBye now"


def test_a_name_is_one_short_line():
    assert rules.kept_name("  Olena\n\tKovalenko\x00 ") == "Olena Kovalenko"
    assert len(rules.kept_name("ї" * 500)) == rules.LONGEST_NAME
    assert len(rules.kept_message("ї" * 5000)) == rules.LONGEST_MESSAGE


@given(st.text())
def test_whatever_is_kept_is_kept_the_same_again(text):
    kept = rules.kept_message(text)

    assert rules.kept_message(kept) == kept
    assert "\x00" not in kept
