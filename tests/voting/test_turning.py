"""Rounds that end later than announced, and results that are held back."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from membership.clock import utc_now
from membership.db import release
from membership.mail.models import Letter
from membership.topics.models import TopicState
from membership.voting import handlers, service
from membership.voting.errors import (
    EndNotLater,
    ReasonMissing,
    RoundClosed,
    RoundNotClosed,
    RoundNotOpen,
    RoundOver,
    RoundSealed,
)
from membership.voting.models import RoundState
from tests.factories import make_patron, make_roll_entry, make_round

HOUR = timedelta(hours=1)


def held(session, hours=24):
    """Close a round, with one ballot for its first topic, that holds its result back."""
    round = make_round(session, state=RoundState.OPEN, hold_hours=hours)
    patron = make_patron(session)
    make_roll_entry(session, round, patron_id=patron.id)
    service.cast_ballot(session, round, patron, round.slugs[:1], utc_now())
    service.close_round(session, round, utc_now(), "staff:1", reason="a test")
    session.commit()
    return round


def test_a_round_is_extended_openly(session):
    round = make_round(session, state=RoundState.OPEN)
    was = round.closes_at
    service.extend_round(session, round, was + HOUR, utc_now(), "staff:1", reason="The letters were late")
    session.flush()

    assert round.closes_at == was + HOUR
    assert [(told["was"], told["reason"]) for told in round.extensions] == [(was.isoformat(), "The letters were late")]


@pytest.mark.parametrize(
    ("state", "now", "until", "refusal"),
    [
        (RoundState.DRAFT, -HOUR, HOUR, RoundNotOpen),
        (RoundState.OPEN, -HOUR, timedelta(0), EndNotLater),
        (RoundState.OPEN, timedelta(0), HOUR, RoundOver),
    ],
)
def test_a_round_is_extended_only_while_open_and_only_to_a_later_end(session, state, now, until, refusal):
    round = make_round(session, state=state)
    end = round.closes_at

    with pytest.raises(refusal):
        service.extend_round(session, round, end + until, end + now, "staff:1", reason="x")


@pytest.mark.parametrize(
    "act",
    [
        lambda session, round: service.close_round(session, round, utc_now(), "x", reason=" "),
        lambda session, round: service.end_round(session, round, utc_now(), "x", reason=""),
        lambda session, round: service.extend_round(
            session, round, round.closes_at + HOUR, utc_now(), "x", reason="  "
        ),
        lambda session, round: service.repair_result(session, round, utc_now(), reason="", actor="x"),
        lambda session, round: service.remove_voter(
            session, round, voter(session, round).public_id, utc_now(), reason=" ", actor="x"
        ),
        lambda session, round: service.invite_guest(session, round, make_patron(session), reason=" ", actor="x"),
    ],
)
def test_what_needs_a_reason_is_not_done_for_a_blank_one(session, act):
    round = make_round(session, state=RoundState.OPEN)

    with pytest.raises(ReasonMissing):
        act(session, round)


def voter(session, round):
    patron = make_patron(session)
    make_roll_entry(session, round, patron_id=patron.id)
    service.cast_ballot(session, round, patron, round.slugs[:1], utc_now())
    return patron


def test_a_round_that_closed_early_says_so_in_its_record_and_one_that_did_not_says_nothing(session):
    early, due = (make_round(session, state=RoundState.OPEN) for _ in range(2))
    early.opens_at = utc_now() + HOUR
    was = early.closes_at
    service.close_round(session, early, utc_now(), "staff:1", reason=" Urgent ")
    service.close_round(session, due, due.closes_at, "clock", reason="a test")
    session.flush()
    told = json.loads(service.get_record(session, early).body)

    assert (told["early_end"]["was"], told["early_end"]["reason"]) == (was.isoformat(), "Urgent")
    assert told["closed_at"] == told["early_end"]["at"] == early.closes_at.isoformat()
    assert "early_end" not in json.loads(service.get_record(session, due).body)
    assert (early.ended_early, due.ended_early) == ((was, "Urgent"), None)
    assert service.count_again(session, early)


@pytest.mark.usefixtures("context")
def test_a_round_that_is_ended_by_hand_closes_when_everybody_has_her_receipt(session):
    round = make_round(session, state=RoundState.OPEN)
    patron = voter(session, round)
    told = [service.end_round(session, round, utc_now(), "staff:1", reason="Urgent")]
    with pytest.raises(RoundClosed):
        service.cast_ballot(session, round, patron, round.slugs[:1], utc_now())
    session.commit()
    handlers.turn({})
    release()
    session.expire_all()
    [letter] = session.scalars(select(Letter).filter_by(kind="vote_receipt"))
    told.append(service.end_round(session, round, utc_now(), "staff:1", reason=""))
    letter.sent_at = utc_now()
    session.flush()
    told.append(service.end_round(session, round, utc_now(), "staff:1", reason=""))

    assert (letter.recipient, bool(letter.values["receipt"]), told) == (patron.email, True, [False, False, True])
    assert round.ended_early[1] == "Urgent"
    with pytest.raises(RoundNotOpen):
        service.end_round(session, round, utc_now(), "staff:1", reason="x")


def test_a_round_that_the_clock_closed_ended_when_it_was_to_end_however_late_it_is_counted(session):
    round = make_round(session, state=RoundState.OPEN)
    service.close_round(session, round, round.closes_at + HOUR, "clock", reason="a test")

    assert round.closed_at == round.closes_at


def test_a_result_that_is_held_back_is_nobodys_until_it_is_published(session):
    round = held(session)

    assert (round.state, round.chosen, round.is_over) == (RoundState.CLOSED, [], True)
    assert round.topics[0].topic.state is not TopicState.CHOSEN
    assert service.count_again(session, round)
    with pytest.raises(RoundSealed):
        service.get_record(session, round)
    service.publish_round(session, round, utc_now(), "staff:1")
    assert (round.state, round.chosen) == (RoundState.PUBLISHED, round.slugs[:1])
    assert round.topics[0].topic.state is TopicState.CHOSEN


def test_a_result_is_published_once_and_not_before_it_is_counted(session):
    for state in (RoundState.OPEN, RoundState.DRAFT):
        with pytest.raises(RoundNotClosed):
            service.publish_round(session, make_round(session, state=state), utc_now(), "staff:1")


@pytest.mark.usefixtures("context")
def test_the_clock_publishes_when_the_hold_is_over(session):
    round = held(session)
    handlers.turn({})
    session.expire_all()
    early = round.state
    round.closed_at -= timedelta(hours=24)
    session.commit()
    release()
    handlers.turn({})
    session.expire_all()

    assert (early, round.state) == (RoundState.CLOSED, RoundState.PUBLISHED)
