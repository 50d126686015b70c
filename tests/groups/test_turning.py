"""What time alone does to groups, told once each, and what is forgotten."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from membership.clock import utc_now
from membership.groups import rules, service
from membership.groups.handlers import forget, turn
from membership.groups.models import Seat, SeatEnd
from membership.groups.service.letters import send_invitation
from membership.patrons.models import Role
from tests.factories import make_group, make_patron, make_seat
from tests.staff.signing_in import make_staff
from tests.subscriptions.making import rows

DAY = timedelta(days=1)


@pytest.fixture
def turning(context, session):
    """Let the worker do what is due, twice: the second time nothing is left to do."""

    def act():
        session.commit()
        turn({})
        turn({})

    return act


def test_a_manager_and_the_admins_are_told_once_that_a_group_ends_in_thirty_days(session, group, turning, letters):
    make_staff(session, Role.ADMIN)
    make_staff(session, Role.FINANCE)
    group.ends_at = utc_now() + rules.WARNED_BEFORE - DAY
    manager = group.manager.email
    make_group(session, ends_at=utc_now() + rules.WARNED_BEFORE + DAY)
    turning()

    assert [letter.recipient for letter in letters("group_ending")] == [manager]
    assert len(letters("group_ending_soon")) == 1


def test_the_admins_are_told_of_a_group_that_nobody_looks_after(session, turning, letters):
    make_staff(session, Role.ADMIN)
    make_group(session, manager=None, ends_at=utc_now() + DAY)
    turning()

    assert (len(letters("group_ending")), len(letters("group_ending_soon"))) == (0, 1)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"ended_by": SeatEnd.TAKEN_BACK}, [False]),
        ({"ended_by": SeatEnd.GROUP_ENDED}, [True]),
        ({"ended_by": SeatEnd.LEFT}, []),
    ],
)
def test_whoever_lost_her_seat_is_told_once_unless_she_left_it(session, reader, turning, letters, fields, told):
    seat = make_seat(session, patron=reader, ended_at=utc_now(), **fields)
    if told == [True]:
        seat.group.ended_at, seat.group.end_reason = utc_now(), "Over"
    turning()

    assert [letter.values["is_over"] for letter in letters("seat_lost")] == told


def test_whoever_has_a_seat_in_a_group_that_lapsed_is_told_and_told_again_after_another_end(
    session, reader, group, turning, letters
):
    make_seat(session, group=group, patron=reader)
    make_seat(session, group=group, patron=make_patron(session, email=None))
    group.ends_at = utc_now()
    turning()
    service.extend_group(session, group.public_id, utc_now() + DAY, utc_now(), actor="test")
    turning()

    (letter,) = letters("seat_lost")
    assert (letter.recipient, letter.values["is_over"]) == ("olena@example.org", True)


def test_an_invitation_that_nobody_took_and_addresses_of_long_ago_are_forgotten(
    context, session, group, reader, letters
):
    long_ago = utc_now() - rules.FORGOTTEN_AFTER
    make_seat(session, group=group, expires_at=long_ago)
    make_seat(session, group=group, patron=reader, ended_at=long_ago, ended_by=SeatEnd.LEFT)
    make_seat(session, group=group, patron=make_patron(session))
    make_seat(session, group=group)
    for seat in session.scalars(select(Seat)):
        send_invitation(session, seat, "a code")
    session.commit()
    forget({})

    expired, left, taken, invited = rows(session, Seat)
    assert [letter.recipient for letter in letters("seat_invitation")] == [taken.email, invited.email]
    assert (expired.email, expired.ended_by, left.email) == (None, "expired", None)
    assert (taken.email, invited.email) != (None, None)
    assert taken.ended_at is None
