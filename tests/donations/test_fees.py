"""What covers the fees: exact, no minor unit too much, and never anything that she did not see."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from membership.donations import rules, service
from membership.donations.errors import CoverOutdated, FeesUnreadable
from membership.donations.rules import FeeSchedule
from membership.errors import Invalid
from membership.money import CURRENCIES, LARGEST_MINOR, Money, step_of

EEA = FeeSchedule("card_eea", 150, 25, name={"en": "a card from Europe", "uk": "картка з Європи"})
schedules = st.builds(
    FeeSchedule,
    st.just("card"),
    st.integers(0, 2000),
    st.integers(0, 5000),
    st.none() | st.integers(1, 10_000),
)
gifts = st.builds(Money, st.integers(200, LARGEST_MINOR), st.sampled_from(sorted(CURRENCIES)))


@given(gifts, schedules)
def test_the_whole_gift_arrives_and_not_a_unit_is_added_in_vain(gift, schedule):
    gift = gift - Money(gift.minor % step_of(gift.currency), gift.currency)
    total = gift + rules.cover_of(gift, schedule)
    one_less = total - Money(step_of(gift.currency), gift.currency)

    assert total - schedule.fee_on(total) >= gift
    assert one_less < gift or one_less - schedule.fee_on(one_less) < gift
    assert total.minor % step_of(gift.currency) == 0


@pytest.mark.parametrize(
    ("minor", "schedule", "cover"),
    [
        (2000, EEA, 56),
        (2000, FeeSchedule("card_world", 325, 25), 94),
        (2000, FeeSchedule("sepa", 0, 35), 35),
        (100_000, FeeSchedule("sepa", 80, 0, 500), 500),
        (2000, FeeSchedule("nothing", 0, 0), 0),
    ],
)
def test_some_sums_by_hand(minor, schedule, cover):
    assert rules.cover_of(Money(minor, "eur"), schedule).minor == cover


def test_what_costs_nothing_or_is_more_than_a_card_can_pay_is_not_offered():
    assert rules.covers_of(Money(2000, "eur"), [FeeSchedule("free", 0, 0)]) == []
    assert rules.covers_of(Money(LARGEST_MINOR, "eur"), [EEA]) == []


def test_fees_are_set_changed_listed_in_order_and_forgotten(session):
    service.set_fees(session, "eur", FeeSchedule("card_world", 325, 25), 2)
    service.set_fees(session, "usd", FeeSchedule("card", 290, 30))
    service.set_fees(session, "eur", FeeSchedule("card_eea", 140, 25), 1)
    service.set_fees(session, "eur", EEA, 1)

    assert [one.kind for one in service.list_schedules(session, "eur")] == ["card_eea", "card_world"]
    assert service.list_schedules(session, "eur")[0] == EEA
    service.forget_fees(session, "eur", "card_world")
    assert [rate.kind for rate in service.list_fees(session)] == ["card_eea", "card"]


@pytest.mark.parametrize(
    "wrong", [FeeSchedule("card", 2001, 0), FeeSchedule("card", 1, -1), FeeSchedule("card", 1, 0, 0)]
)
def test_fees_that_nobody_takes_are_refused(session, wrong):
    with pytest.raises(FeesUnreadable):
        service.set_fees(session, "eur", wrong)


def test_fees_in_an_unknown_currency_are_refused(session):
    with pytest.raises(Invalid):
        service.set_fees(session, "doge", EEA)


def test_only_what_was_shown_is_added(session):
    service.set_fees(session, "eur", EEA)
    gift = Money(2000, "eur")

    assert service.cover_as_shown(session, gift, "") == 0
    assert service.cover_as_shown(session, gift, "card_eea:56") == 56
    for wrong in ("card_eea:55", "card_eea:-5", "other:56", "x"):
        with pytest.raises(CoverOutdated):
            service.cover_as_shown(session, gift, wrong)
