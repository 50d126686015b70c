"""How small a gift may be, in each currency."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from membership.donations import rules
from membership.donations.errors import DonationTooSmall
from membership.donations.forms import DonationForm, read_amount
from membership.errors import Invalid
from membership.money import CURRENCIES, LARGEST_MINOR, AmountNotChargeable, Money

BAD_AMOUNTS = [
    "", " ", "nan", "inf", "1e3", "-5", "+5", "0", "0.00", "1.99", "5.001", "1_000", "１００", "٥", "5€", "0x10",
    "5,0,0", "5.", ".5", "10 00", "1000000000000", "9" * 19, "<script>", "5\x00",
]  # fmt: skip


@pytest.mark.parametrize(
    ("currency", "minor"), [("eur", 200), ("usd", 200), ("jpy", 300), ("kwd", 1000), ("huf", 80_000), ("uah", 5000)]
)
def test_the_smallest_gift_is_about_two_euros(currency, minor):
    rules.admit(Money(minor, currency))

    with pytest.raises(DonationTooSmall):
        rules.admit(Money(minor - 1, currency))


@pytest.mark.parametrize("currency", sorted(CURRENCIES))
def test_every_currency_has_a_smallest_gift(currency):
    rules.admit(rules.least(currency))


def test_where_the_provider_takes_whole_amounts_only_a_fraction_is_refused():
    rules.admit(Money(40_000, "isk"))

    with pytest.raises(AmountNotChargeable):
        rules.admit(Money(40_050, "isk"))


def test_the_refusal_names_the_smallest_gift():
    with pytest.raises(DonationTooSmall, match="€2"):
        rules.admit(Money(199, "eur"))


@pytest.mark.parametrize("text", BAD_AMOUNTS)
def test_what_is_not_an_amount_is_refused_at_its_field(text):
    with pytest.raises(Invalid) as refused:
        read_amount(text, "eur")
    assert refused.value.field == "amount"


@pytest.mark.parametrize(("text", "minor"), [("2", 200), ("7.50", 750), ("7,5", 750), (" 20 ", 2000), ("002", 200)])
def test_plain_amounts_are_read_to_the_cent(text, minor):
    assert read_amount(text, "eur") == Money(minor, "eur")


@given(st.integers(200, LARGEST_MINOR))
def test_every_amount_that_can_be_given_is_read_exactly(minor):
    assert read_amount(f"{minor // 100}.{minor % 100:02}", "eur") == Money(minor, "eur")
    assert read_amount(f"{minor // 100},{minor % 100:02}", "eur") == Money(minor, "eur")


@given(st.text(max_size=30))
def test_whatever_is_typed_is_an_amount_that_can_be_given_or_refused(text):
    try:
        amount = read_amount(text, "eur")
    except Invalid:
        return
    assert 200 <= amount.minor <= LARGEST_MINOR


@pytest.mark.parametrize("source", ["https://evil.test/", "//evil.test", "javascript:alert(1)", "", "/a\nb"])
def test_only_a_path_is_kept_as_the_source(source):
    assert DonationForm.parse({"amount": "5", "source": source}, ["eur"]).source == ""


def test_a_long_source_is_cut():
    assert DonationForm.parse({"amount": "5", "source": "/" + "a" * 300}, ["eur"]).source == "/" + "a" * 199
