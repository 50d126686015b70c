"""What must hold of every vote, and that breaking it is seen."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from membership.clock import utc_now
from membership.voting import service
from membership.voting.invariants import INVARIANTS
from membership.voting.models import Ballot, RollEntry, RoundState
from tests.factories import make_patron, make_roll_entry, make_round


@pytest.fixture
def round(session):
    round = make_round(session, state=RoundState.OPEN)
    for _ in range(6):
        patron = make_patron(session)
        make_roll_entry(session, round, patron_id=patron.id)
        service.cast_ballot(session, round, patron, round.slugs[:1], utc_now())
    session.flush()
    return round


@pytest.fixture
def closed(session, round):
    service.close_round(session, round, utc_now(), "staff:1", reason="a test")
    session.commit()
    session.expire_all()
    return round


def offended(session):
    session.flush()
    return {name for name, find in INVARIANTS.items() if find(session)}


def one(session, kind):
    return session.scalars(select(kind)).first()


def test_a_round_in_use_offends_nothing(session, round):
    assert offended(session) == set()


def test_a_closed_round_offends_nothing(session, closed):
    assert offended(session) == set()


def test_a_ballot_with_another_weight_than_the_roll_is_seen(session, round):
    one(session, Ballot).weight = 3

    assert offended(session) == {"I10 every ballot is somebody's on the roll", "I10 as many ballots as voters"}


def test_a_ballot_of_nobody_is_seen(session, round):
    one(session, Ballot).roll_entry_id = None

    assert offended(session) == {"I10 every ballot is somebody's on the roll"}


def test_a_lost_ballot_is_seen(session, closed):
    session.delete(one(session, Ballot))

    assert offended(session) == {"I10 as many ballots as voters", "I10 every result is what its ballots give"}


@pytest.mark.parametrize("days", [-30, 30])
def test_a_vote_outside_its_window_is_seen(session, round, days):
    one(session, RollEntry).voted_at = utc_now() + timedelta(days=days)

    assert offended(session) == {"I10 every vote lies inside its window"}


def test_a_bent_result_is_seen(session, closed):
    closed.result = {**closed.result, "seats": 2}

    assert offended(session) == {"I10 every result is what its ballots give"}


def test_a_ballot_that_is_still_tied_to_its_voter_is_seen(session, closed):
    one(session, Ballot).roll_entry_id = one(session, RollEntry).id

    assert offended(session) == {"I10 no closed ballot is tied to a voter"}
