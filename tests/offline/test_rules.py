"""References that find out a wrong digit, and names that are compared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iso11649

from membership.offline import rules

numbers = st.from_regex(r"[0-9]{10}", fullmatch=True)


@given(numbers)
def test_a_reference_is_sound_and_found_however_it_is_spaced(digits):
    reference = rules.reference_of(digits)

    assert iso11649.is_valid(reference)
    assert rules.references_in(f"thank you {rules.spaced(reference)} bye") == [reference]
    assert rules.references_in(f"REF:{reference.lower()}") == [reference]


@given(numbers, st.integers(4, 13), st.integers(1, 9))
def test_one_wrong_digit_is_found_out(digits, place, more):
    reference = rules.reference_of(digits)
    wrong = reference[:place] + str((int(reference[place]) + more) % 10) + reference[place + 1 :]

    assert rules.references_in(wrong) == []


@given(st.text())
def test_any_text_is_looked_through(text):
    assert isinstance(rules.references_in(text), list)


def test_new_references_differ():
    assert rules.new_reference() != rules.new_reference()


@pytest.mark.parametrize("other", ["KOVALENKO, Olena", "Olena  Kovalenko", "olena kovalénko"])
def test_a_name_is_the_same_however_banks_write_it(other):
    assert rules.same_name(other) == rules.same_name("Olena Kovalenko")


def test_what_is_no_account_is_none():
    assert rules.read_iban("DE00 0000") is None
    assert rules.hash_of_account(" ") == ""
    assert rules.hash_of_account("FR14 2004") == rules.hash_of_account("fr142004")
