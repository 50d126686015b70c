"""Several at once: a seat is one reader's, and five seats never hold six; each act in a connection of its own."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from membership.clock import utc_now
from membership.db import transaction
from membership.errors import MembershipError
from membership.groups import rules, service
from membership.groups.models import Seat
from membership.patrons.rules import hash_of
from tests.factories import make_group, make_patron, make_seat
from tests.subscriptions.making import rows


def at_once(app, acts):
    """Do all at one moment; return how often each came about, by the name of the refusal if it did not."""
    start = Barrier(len(acts))

    def one(act):
        with app.app_context():
            start.wait()
            try:
                with transaction() as current:
                    act(current)
            except MembershipError as refusal:
                return type(refusal).__name__
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return Counter(pool.map(one, acts))


def test_five_seats_never_hold_six(app, session):
    group = make_group(session, seats=5)
    codes = [rules.new_code() for _ in range(6)]
    for code in codes:
        make_seat(session, group=group, code_hash=hash_of(code))
    patrons = [make_patron(session).id for _ in codes]
    session.commit()
    takes = [
        lambda current, code=code, patron_id=patron_id: service.take(current, code, patron_id, utc_now())
        for code, patron_id in zip(codes, patrons, strict=True)
    ]

    assert at_once(app, takes) == {"done": 5, "GroupFull": 1}
    assert sum(seat.patron_id is not None for seat in rows(session, Seat)) == 5


def test_of_three_who_take_one_seat_one_has_it(app, session):
    code = rules.new_code()
    make_seat(session, code_hash=hash_of(code))
    patrons = [make_patron(session).id for _ in range(3)]
    session.commit()
    takes = [lambda current, one=one: service.take(current, code, one, utc_now()) for one in patrons]

    assert at_once(app, takes) == {"done": 1, "SeatTaken": 2}


def test_a_seat_is_taken_or_withdrawn_never_both(app, session):
    code, patron = rules.new_code(), make_patron(session)
    seat = make_seat(session, code_hash=hash_of(code))
    session.commit()
    acts = [
        lambda current: service.take(current, code, patron.id, utc_now()),
        lambda current: service.remove(current, seat.group_id, seat.public_id, utc_now()),
    ]

    at_once(app, acts)
    (found,) = rows(session, Seat)
    assert found.ended_by == ("taken_back" if found.patron_id else "withdrawn")


def test_two_who_invite_at_once_invite_no_more_than_there_are_seats(app, session, group):
    invites = [
        lambda current, n=n: service.invite(current, group.id, [f"{n}{m}@example.org" for m in "ab"], "en", utc_now())
        for n in range(3)
    ]

    assert at_once(app, invites) == {"done": 1, "NoSeatsLeft": 2}
