"""Groups on the newsroom's pages."""

import pytest

from membership.audit.models import AuditEntry
from membership.groups.models import Group, Seat
from membership.patrons.models import Role
from tests.browsing import post
from tests.factories import make_group, make_patron, make_payment, make_seat, make_tier
from tests.staff.signing_in import staff_client
from tests.subscriptions.making import rows

NEW = {"name": "City Library", "tier": "friend", "seats": "2", "manager": "lib@example.org", "locale": "uk"}


@pytest.fixture
def staff(app, session):
    make_tier(session, slug="friend")
    return staff_client(app, session, Role.FINANCE)


def words(answer):
    return " ".join(answer.text.split())


def test_a_group_is_made_on_its_page_and_refused_at_the_field(staff, session):
    assert "None yet." in words(staff.get("/staff/groups"))
    refused = post(staff, "/staff/groups/new", {**NEW, "seats": "many"})
    made = post(staff, "/staff/groups/new", NEW, follow_redirects=True)

    assert (refused.status_code, "from 1 to 5000" in words(refused)) == (400, True)
    assert "Taken: 0 of 2. Invited: 0. Free: 2." in words(made)
    assert "lib@example.org" in words(made)
    assert "until it is ended" in words(staff.get("/staff/groups"))


def test_without_a_tier_there_is_nothing_to_give_seats_of(app, session):
    assert "no open tier" in staff_client(app, session, Role.FINANCE).get("/staff/groups/new").text


def test_a_group_gets_seats_time_and_a_manager(staff, session, group, reader):
    page = f"/staff/groups/{group.public_id}"
    make_seat(session, group=group, patron=reader)
    session.commit()
    for fields in (
        {"what": "seats", "seats": "9"},
        {"what": "end", "ends_on": "2030-12-31"},
        {"what": "manager", "manager": "new@example.org"},
    ):
        assert post(staff, page, fields).status_code == 303
    few = post(staff, page, {"what": "seats", "seats": "0"})

    assert "from 1 to 5000" in words(few)
    (changed,) = rows(session, Group)
    assert (changed.seats, changed.ends_at.year, changed.manager.email) == (9, 2030, "new@example.org")


def test_fewer_seats_than_are_taken_are_refused_with_the_number(staff, session, group):
    for _ in range(2):
        make_seat(session, group=group, patron=make_patron(session))
    session.commit()
    refused = post(staff, f"/staff/groups/{group.public_id}", {"what": "seats", "seats": "1"})

    assert (refused.status_code, "Seats that are taken: 2." in words(refused)) == (400, True)


def test_a_group_ends_with_a_reason(staff, session, group, reader, has_access):
    make_seat(session, group=group, patron=reader)
    session.commit()
    page = f"/staff/groups/{group.public_id}/end"
    assert post(staff, page, {"reason": ""}).status_code == 400
    ended = post(staff, page, {"reason": "Not paid"}, follow_redirects=True)

    assert ("Not paid" in words(ended), has_access(reader)) == (True, False)
    assert "ended on" in words(staff.get("/staff/groups"))


def test_staff_withdraw_an_invitation_and_take_a_seat_back(staff, session, group, reader, has_access):
    held, open_ = make_seat(session, group=group, patron=reader), make_seat(session, group=group)
    session.commit()
    page = f"/staff/groups/{group.public_id}"
    for seat, said in ((held, "Take the seat back"), (open_, "Withdraw the invitation")):
        removing = f"{page}/seats/{seat.public_id}/remove"
        assert removing in staff.get(page).text
        assert said in staff.get(removing).text
        assert [post(staff, removing, page=page).status_code for _ in range(2)] == [303, 303]

    assert [seat.ended_by.value for seat in rows(session, Seat)] == ["taken_back", "withdrawn"]
    assert not has_access(reader)
    assert [entry.action for entry in rows(session, AuditEntry)].count("group.seat_removed") == 2


def test_a_group_that_nobody_looks_after_and_what_paid_for_one_are_shown(staff, session):
    group = make_group(session, manager=None, payment=make_payment(session), note="By invoice", ends_at=None)
    session.commit()
    shown = words(staff.get(f"/staff/groups/{group.public_id}"))

    assert ("Nobody. Please name somebody." in shown, group.payment.receipt_number in shown) == (True, True)
    assert "Nobody looks after it." in words(staff.get("/staff/groups"))
