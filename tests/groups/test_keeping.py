"""Staff make groups, change them, and end them; each act is noted."""

from datetime import timedelta

import pytest

from membership.access.service import ban_patron
from membership.audit.models import AuditEntry
from membership.clock import utc_now
from membership.errors import Invalid
from membership.groups import service
from membership.groups.errors import (
    EndsTooEarly,
    EndUnexplained,
    GroupOver,
    GroupUnnamed,
    ManagerShutOut,
    SeatsUnreadable,
    TooFewSeats,
)
from membership.groups.invariants import INVARIANTS
from membership.groups.models import Seat
from membership.groups.service import GroupDraft
from membership.payments.errors import UnknownPayment
from tests.factories import make_patron, make_payment, make_seat, make_tier
from tests.subscriptions.making import rows

DAY = timedelta(days=1)


def draft(**fields):
    now = utc_now()
    told = {"name": " City  Library ", "tier": "friend", "seats": 5, "starts_at": now, "ends_at": now + 365 * DAY}
    return GroupDraft(**{**told, "manager_email": "Lib@Example.org", "locale": "uk"} | fields)


def add(session, **fields):
    return service.add_group(session, draft(**fields), utc_now(), actor="test")


def test_a_group_is_made_and_its_manager_is_written_to_in_her_language(session, letters):
    make_tier(session, slug="friend")
    paid = make_payment(session)
    group = add(session, receipt_number=paid.receipt_number, note="By invoice")
    session.commit()

    (letter,) = letters("group_managed")
    assert (group.name, group.payment.id, group.manager.email) == ("City Library", paid.id, "lib@example.org")
    assert (letter.recipient, letter.locale) == ("lib@example.org", "uk")
    assert letter.values["group_url"] == f"/groups/{group.public_id}"
    (entry,) = rows(session, AuditEntry)
    assert (entry.action, entry.details["seats"], entry.details["paid"]) == ("group.added", 5, paid.receipt_number)


def test_a_group_that_cannot_be_is_refused(session):
    make_tier(session, slug="friend")
    for fields, refusal in (
        ({"name": " "}, GroupUnnamed),
        ({"seats": 0}, SeatsUnreadable),
        ({"seats": 5001}, SeatsUnreadable),
        ({"ends_at": utc_now() - DAY}, EndsTooEarly),
        ({"manager_email": "nobody"}, Invalid),
        ({"receipt_number": "R-1"}, UnknownPayment),
    ):
        with pytest.raises(refusal):
            add(session, **fields)


def test_seats_are_not_reduced_below_those_that_are_taken(session, group):
    for _ in range(2):
        make_seat(session, group=group, patron=make_patron(session))
    make_seat(session, group=group)

    with pytest.raises(TooFewSeats, match="Seats that are taken: 2"):
        service.change_seats(session, group.public_id, 1, utc_now(), actor="test")
    assert service.change_seats(session, group.public_id, 2, utc_now(), actor="test").seats == 2
    assert service.occupancy_of(session, group, utc_now()).free == 0
    with pytest.raises(SeatsUnreadable):
        service.change_seats(session, group.public_id, 6000, utc_now(), actor="test")


def test_a_group_that_lapsed_is_extended_and_its_seats_give_again(session, group, reader, has_access):
    make_seat(session, group=group, patron=reader, told_at=utc_now())
    group.starts_at, group.ends_at, group.warned_at = utc_now() - 3 * DAY, utc_now() - DAY, utc_now()
    session.flush()
    before = has_access(reader)
    service.extend_group(session, group.public_id, None, utc_now(), actor="test")

    assert (before, has_access(reader), group.warned_at) == (False, True, None)
    with pytest.raises(EndsTooEarly):
        service.extend_group(session, group.public_id, utc_now() - DAY, utc_now(), actor="test")
    session.commit()
    assert rows(session, Seat)[0].told_at is None


def test_a_group_that_ends_takes_every_seat_with_it_for_good(session, group, reader, has_access):
    make_seat(session, group=group, patron=reader)
    make_seat(session, group=group)
    with pytest.raises(EndUnexplained):
        service.end_group(session, group.public_id, utc_now(), reason=" ", actor="test")
    service.end_group(session, group.public_id, utc_now(), reason="Not paid", actor="test")

    assert not has_access(reader)
    assert service.list_held(session, reader.id) == []
    for act in (
        lambda: service.change_seats(session, group.public_id, 9, utc_now(), actor="test"),
        lambda: service.name_manager(session, group.public_id, "new@example.org", "en", actor="test"),
    ):
        with pytest.raises(GroupOver):
            act()


def test_a_group_that_has_not_begun_can_end(session, group):
    group.starts_at = utc_now() + DAY
    ended = service.end_group(session, group.public_id, utc_now(), reason="A mistake", actor="test")

    assert ended.is_over(utc_now())
    with pytest.raises(GroupOver):
        service.invite(session, group.id, ["olena@example.org"], "en", utc_now())


def test_another_manager_is_named_and_written_to(session, group, letters):
    service.name_manager(session, group.public_id, "new@example.org", "en", actor="test")
    session.commit()

    assert [letter.recipient for letter in letters("group_managed")] == ["new@example.org"]
    assert service.list_managed(session, group.manager_id) == [group]


def test_who_is_shut_out_looks_after_no_group(session, group, reader):
    ban_patron(session, reader.id, reason="spam", now=utc_now())
    with pytest.raises(ManagerShutOut):
        service.name_manager(session, group.public_id, reader.email, "en", actor="test")


def test_what_must_never_be_is_found(session, group, reader):
    assert not any(find(session) for find in INVARIANTS.values())
    gone = make_patron(session, email=None)
    seats = [make_seat(session, group=group, patron=patron) for patron in (reader, gone)]
    group.seats, group.ended_at, group.end_reason = 1, utc_now(), "Over"
    session.flush()

    found = [find(session) for find in INVARIANTS.values()]
    assert found == [[f"group {group.id}"], [f"seat {seat.id}" for seat in seats], [f"seat {seats[1].id}"]]
