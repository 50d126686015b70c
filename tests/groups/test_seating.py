"""Invited, taken, left, taken back: a seat is one reader's, and never more than there are."""

from datetime import timedelta

import pytest

from membership.clock import utc_now
from membership.groups import rules, service
from membership.groups.errors import (
    AlreadySeated,
    GroupFull,
    GroupOver,
    InvitationExpired,
    InvitationUnknown,
    InvitedOftenEnough,
    NoSeatsLeft,
    SeatTaken,
    SentOftenEnough,
    TooManyLetters,
    UnknownGroup,
    UnknownSeat,
)
from membership.groups.models import Seat
from tests.factories import make_group, make_patron, make_seat
from tests.subscriptions.making import rows

TWO = ["olena@example.org", "ivan@example.org"]
HOUR = timedelta(hours=1)


@pytest.fixture
def invite(session, group):
    def act(*emails, locale="en", now=None):
        told = service.invite(session, group.id, emails or TWO, locale, now or utc_now())
        session.commit()
        return told.new, told.known

    return act


def take(session, code, patron):
    seat = service.take(session, code, patron.id, utc_now())
    session.commit()
    return seat


def test_each_invited_address_gets_a_letter_in_its_own_language(reader, invite, letters):
    assert (invite(locale="en"), invite(*TWO, "taras@example.org")) == ((2, 0), (1, 2))
    told = {letter.recipient: letter.locale for letter in letters("seat_invitation")}

    assert told == {"olena@example.org": "uk", "ivan@example.org": "en", "taras@example.org": "en"}


def test_whoever_takes_a_seat_has_access_at_once_and_may_press_twice(session, reader, invite, codes, has_access):
    invite()
    code = codes()["olena@example.org"]
    before = has_access(reader)
    seat = service.find_invitation(session, code, None, utc_now())

    assert take(session, code, reader).id == take(session, code, reader).id == seat.id
    assert (before, has_access(reader)) == (False, True)
    assert service.find_invitation(session, code, reader.id, utc_now()) is seat


def test_a_seat_that_is_taken_is_nobody_elses(session, reader, invite, codes):
    invite()
    code = codes()["olena@example.org"]
    take(session, code, reader)

    for ask in (service.take, service.find_invitation):
        with pytest.raises(SeatTaken):
            ask(session, code, make_patron(session).id, utc_now())


def test_nobody_takes_two_seats_of_one_group(session, reader, invite, codes):
    invite()
    take(session, codes()["olena@example.org"], reader)

    with pytest.raises(AlreadySeated):
        take(session, codes()["ivan@example.org"], reader)


def test_more_are_not_invited_than_there_are_seats(invite):
    invite()

    with pytest.raises(NoSeatsLeft, match="1 for 2"):
        invite("a@example.org", "b@example.org")


def test_an_invitation_over_the_seats_that_are_left_is_refused_when_it_is_taken(session, group, reader, invite, codes):
    invite()
    group.seats = 1
    session.commit()
    take(session, codes()["olena@example.org"], reader)

    with pytest.raises(GroupFull):
        take(session, codes()["ivan@example.org"], make_patron(session))


def test_an_invitation_is_over_after_two_weeks_and_may_be_sent_again(session, reader, invite, codes, letters):
    long_ago = utc_now() - rules.INVITATION_LIFE
    invite("olena@example.org", now=long_ago)
    code = codes()["olena@example.org"]
    with pytest.raises(InvitationExpired):
        take(session, code, reader)

    assert invite("olena@example.org") == (1, 0)
    assert len(letters("seat_invitation")) == 2
    with pytest.raises(InvitationUnknown):
        take(session, code, reader)


def test_an_invitation_is_sent_again_but_not_too_often(session, group, invite, letters):
    invite("olena@example.org", now=utc_now() - 2 * HOUR)
    (seat,) = rows(session, Seat)
    service.send_again(session, group.id, seat.public_id, utc_now())
    session.commit()

    assert len(letters("seat_invitation")) == 2
    with pytest.raises(SentOftenEnough):
        service.send_again(session, group.id, seat.public_id, utc_now())
    group.ends_at = utc_now()
    with pytest.raises(GroupOver):
        service.send_again(session, group.id, seat.public_id, utc_now() + HOUR)


def test_an_address_is_not_written_to_again_and_again_by_inviting_and_withdrawing(session, group, invite):
    make_seat(session, group=group, email="olena@example.org", times_sent=rules.MOST_SENT)
    service.remove(session, group.id, rows(session, Seat)[0].public_id, utc_now())

    with pytest.raises(InvitedOftenEnough, match=r"^olena@example\.org was invited as often"):
        invite("olena@example.org")


def test_nor_by_sending_an_invitation_again_that_was_withdrawn_before(session, group, invite):
    make_seat(session, group=group, email="olena@example.org", times_sent=rules.MOST_SENT - 1)
    service.remove(session, group.id, rows(session, Seat)[0].public_id, utc_now())
    invite("olena@example.org", now=utc_now() - 2 * HOUR)

    with pytest.raises(SentOftenEnough):
        service.send_again(session, group.id, rows(session, Seat)[1].public_id, utc_now())


def test_a_group_writes_no_more_letters_a_day_than_twice_its_seats_and_ten(session, group, invite):
    for _ in range(rules.most_letters(group.seats)):
        seat = make_seat(session, group=group)
        service.remove(session, group.id, seat.public_id, utc_now())

    with pytest.raises(TooManyLetters):
        invite("olena@example.org")


def test_what_is_withdrawn_opens_nothing_and_what_is_taken_back_gives_nothing(
    session, group, reader, invite, codes, has_access
):
    invite()
    take(session, codes()["olena@example.org"], reader)
    for seat in rows(session, Seat):
        service.remove(session, group.id, seat.public_id, utc_now())
    session.commit()

    assert not has_access(reader)
    assert [seat.ended_by.value for seat in rows(session, Seat)] == ["taken_back", "withdrawn"]
    for code in codes().values():
        with pytest.raises(InvitationUnknown):
            service.find_invitation(session, code, None, utc_now())
    with pytest.raises(UnknownSeat):
        service.remove(session, group.id, seat.public_id, utc_now())


def test_her_seat_is_left_by_herself_alone(session, reader, has_access):
    seat = make_seat(session, patron=reader)
    with pytest.raises(UnknownSeat):
        service.leave(session, make_patron(session).id, seat.public_id, utc_now())
    service.leave(session, reader.id, seat.public_id, utc_now())

    assert (has_access(reader), seat.ended_by) == (False, "left")


def test_a_group_that_is_over_invites_nobody_and_seats_nobody(session, group, reader, invite, codes):
    invite()
    group.ends_at = utc_now()
    session.commit()

    with pytest.raises(GroupOver):
        invite("taras@example.org")
    with pytest.raises(GroupOver):
        take(session, codes()["olena@example.org"], reader)


def test_a_seat_beside_what_she_pays_adds_to_it_and_takes_nothing_away(session, reader, has_access):
    own, other = (make_seat(session, patron=reader) for _ in range(2))
    service.leave(session, reader.id, own.public_id, utc_now())

    assert has_access(reader)
    assert service.list_held(session, reader.id) == [other]


def test_another_managers_group_is_unknown(session, group, reader):
    assert service.get_managed(session, group.public_id, group.manager_id) is group
    with pytest.raises(UnknownGroup):
        service.get_managed(session, group.public_id, reader.id)
    with pytest.raises(UnknownGroup):
        service.get_group(session, make_group(session).public_id + "x")
