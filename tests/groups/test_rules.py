"""How invitations stand, and what is read of what staff and managers write; values only."""

from datetime import UTC, datetime, timedelta

import pytest

from membership.errors import Invalid
from membership.groups.forms import read_addresses, read_end, read_group, read_locale, read_seats
from membership.groups.models import Seat, SeatEnd
from membership.groups.rules import INVITATION_LIFE, MOST_SENT, last_day, may_send_again, sends_again_at, state_of

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def seat(**fields):
    return Seat(**{"times_sent": 1, "sent_at": NOW, "expires_at": NOW + INVITATION_LIFE} | fields)


@pytest.mark.parametrize(
    ("fields", "after", "state"),
    [
        ({}, HOUR, "invited"),
        ({}, INVITATION_LIFE, "expired"),
        ({"patron_id": 1}, INVITATION_LIFE, "taken"),
        ({"patron_id": 1, "ended_at": NOW, "ended_by": SeatEnd.LEFT}, HOUR, "ended"),
    ],
)
def test_an_invitation_is_open_for_two_weeks_and_a_seat_for_as_long_as_it_is_held(fields, after, state):
    assert state_of(seat(**fields), NOW + after) == state


@pytest.mark.parametrize(
    ("fields", "may"),
    [({}, False), ({"sent_at": NOW - HOUR}, True), ({"sent_at": NOW - HOUR, "times_sent": MOST_SENT}, False)],
)
def test_an_invitation_is_sent_once_an_hour_and_five_times_in_all(fields, may):
    assert may_send_again(seat(**fields), NOW) is may
    assert (sends_again_at(seat(**fields)) is None) is ("times_sent" in fields)


def test_addresses_are_read_one_a_line_each_once():
    text = "Ivan@Example.org\n\n olena@example.org, ivan@example.org;taras@example.org\n"

    assert read_addresses({"addresses": text}) == ["ivan@example.org", "olena@example.org", "taras@example.org"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (" \n", "at least one address"),
        ("olena", "“olena” is no e-mail address"),
        ("\n".join(f"a{n}@example.org" for n in range(101)), "at most 100"),
    ],
)
def test_what_is_no_list_of_addresses_is_refused_with_the_reason(text, words):
    with pytest.raises(Invalid, match=words):
        read_addresses({"addresses": text})


def test_the_last_day_counts_to_its_end_in_the_zone_of_the_publication():
    ends_at = read_end({"ends_on": "2026-12-31"}, "Europe/Kyiv")

    assert ends_at == datetime(2026, 12, 31, 22, tzinfo=UTC)
    assert last_day(ends_at, "Europe/Kyiv").isoformat() == "2026-12-31"
    assert read_end({}, "Europe/Kyiv") is None


@pytest.mark.parametrize("text", ["soon", "9999-12-31"])
def test_what_is_no_day_is_refused_at_its_field(text):
    with pytest.raises(Invalid) as refused:
        read_end({"ends_on": text}, "Europe/Kyiv")

    assert refused.value.field == "ends_on"


@pytest.mark.parametrize("text", ["", "-1", "three", "²", "123456"])
def test_what_is_no_number_of_seats_is_refused(text):
    with pytest.raises(Invalid, match="from 1 to 5000"):
        read_seats({"seats": text})


def test_a_group_without_a_first_day_begins_now():
    fields = {"seats": "5", "locale": "uk"}

    assert read_group(fields, NOW, "Europe/Kyiv").starts_at == NOW
    assert read_group(fields | {"starts_on": "2026-12-01"}, NOW, "UTC").starts_at == datetime(2026, 12, 1, tzinfo=UTC)
    assert (read_locale(fields), read_locale({"locale": "xx"})) == ("uk", "en")
