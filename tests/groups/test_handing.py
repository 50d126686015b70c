"""What becomes of seats and groups when an account goes over into another one, is shut out, or is erased."""

import json

import pytest

from membership.access.service import decide_for
from membership.clock import utc_now
from membership.groups import service
from membership.groups.errors import ShutOut
from membership.groups.models import Group, Seat
from membership.groups.service.letters import send_invitation
from membership.merging.service import MergeWish, merge
from membership.patrons.errors import ErasureUnderWay
from membership.patrons.models import Role
from membership.patrons.rules import hash_of
from membership.privacy.invariants import still_known
from membership.privacy.service import ask_erasure, finish, tell_everything
from membership.staff import service as staff
from tests.factories import make_group, make_patron, make_seat
from tests.staff.signing_in import staff_client
from tests.subscriptions.making import rows


def erase(session, patron):
    erasure = ask_erasure(session, patron, actor="test", reason="She asked")
    finish(session, erasure.id)
    session.commit()


def test_of_two_seats_in_one_group_a_merged_account_keeps_one(session, sound_books, group, reader, has_access):
    leaving, other = make_patron(session), make_group(session)
    other.manager = leaving
    for patron in (leaving, reader):
        make_seat(session, group=group, patron=patron)
    alone = make_seat(session, group=other, patron=leaving, email="old@example.org")
    told = merge(session, MergeWish(leaving=leaving, staying=reader, reason="one person"), utc_now(), actor="test")
    session.commit()

    assert told.moved["seats"] == 3
    assert [seat.ended_by and seat.ended_by.value for seat in rows(session, Seat)] == ["merged", None, None]
    assert {seat.patron_id for seat in rows(session, Seat)} == {reader.id}
    assert (alone.email, other.manager_id, has_access(reader)) == ("old@example.org", reader.id, True)


def test_whoever_is_shut_out_frees_her_seat_and_looks_after_nothing(session, group, reader, has_access):
    make_seat(session, group=group, patron=reader)
    managed = make_group(session, manager=reader)
    make_seat(session, code_hash=hash_of("a code"))
    staff.ban_patron(session, reader, reason="Threats", actor="test")
    session.commit()

    assert (has_access(reader), rows(session, Seat)[0].ended_by) == (False, "banned")
    assert service.occupancy_of(session, group, utc_now()).free == 3
    with pytest.raises(ShutOut):
        service.take(session, "a code", reader.id, utc_now())
    assert [one.manager_id for one in rows(session, Group) if one.id == managed.id] == [None]


def test_whoever_is_erased_leaves_a_free_seat_and_no_address(session, sound_books, group, reader, letters):
    send_invitation(session, make_seat(session, group=group, patron=reader, email="work@example.org"), "a code")
    make_seat(session, group=make_group(session), email=reader.email)
    kept = make_seat(session, group=group, patron=make_patron(session))
    erase(session, reader)

    hers, invited, others = rows(session, Seat)
    assert [(one.email, one.ended_by) for one in (hers, invited)] == [(None, "erased"), (None, "erased")]
    assert (others.email, others.ended_at) == (kept.email, None)
    assert letters("seat_invitation") == []
    assert still_known(session) == []


def test_whoever_asked_to_be_forgotten_takes_no_seat(session, group, reader):
    make_seat(session, group=group, code_hash=hash_of("a code"))
    ask_erasure(session, reader, actor="test", reason="She asked")

    with pytest.raises(ErasureUnderWay):
        service.take(session, "a code", reader.id, utc_now())


def test_a_group_whose_manager_is_erased_waits_for_staff_to_name_another(app, session, sound_books, group, reader):
    make_seat(session, group=group, patron=reader)
    erase(session, group.manager)
    waiting = staff_client(app, session, Role.VIEWER).get("/staff/groups").text

    assert (rows(session, Group)[0].manager_id, "1 waits" in waiting) == (None, True)
    assert decide_for(session, reader.id, utc_now()).flags
    service.name_manager(session, group.public_id, "new@example.org", "en", actor="test")
    assert service.count_unmanaged(session) == 0


def test_her_data_tell_of_her_seat_and_of_the_group_that_she_looks_after(session, group, reader):
    make_seat(session, group=group, patron=reader, code_hash="a hash")
    hers, managers = tell_everything(session, reader), tell_everything(session, group.manager)

    assert (len(hers["seats"]), "a hash" in json.dumps(hers)) == (1, False)
    assert ([one["name"] for one in managers["groups"]], "seats" in managers) == (["City Library"], False)
