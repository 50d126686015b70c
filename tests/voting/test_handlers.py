"""Rounds turned by the clock."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from membership.clock import utc_now
from membership.db import session as current
from membership.jobs.models import Job
from membership.mail.models import Letter
from membership.topics.models import TopicState
from membership.voting import handlers, service
from membership.voting.errors import StillRead
from membership.voting.models import Round, RoundState
from membership.voting.service import letters
from tests.factories import make_patron, make_roll_entry, make_round, make_subscription, make_topic


@pytest.fixture(autouse=True)
def in_context(context):
    return context


def ballot_of(session, round, **fields):
    patron = make_patron(session, **fields)
    make_roll_entry(session, round, patron_id=patron.id)
    service.cast_ballot(session, round, patron, round.slugs[:1], utc_now())
    return patron


def over(session, round):
    """Let the closing time of a round pass."""
    session.flush()
    round.opens_at, round.closes_at = utc_now() - timedelta(hours=2), utc_now() - timedelta(milliseconds=1)


def state_of(round):
    return current().scalar(select(Round.state).filter_by(id=round.id))


def test_a_draft_opens_when_its_time_has_come(session):
    make_subscription(session)
    round = make_round(session)
    session.commit()
    handlers.turn({})

    assert state_of(round) is RoundState.OPEN


def test_a_round_closes_when_its_time_is_over_and_its_losers_are_free_for_the_next(session):
    topics = [make_topic(session, state=TopicState.ON_BALLOT) for _ in range(2)]
    round, following = make_round(session, state=RoundState.OPEN, topics=topics), make_round(session, topics=topics)
    make_subscription(session)
    over(session, round)
    session.commit()
    handlers.turn({})

    assert state_of(round) is RoundState.PUBLISHED
    assert state_of(following) is RoundState.OPEN


def test_a_round_that_cannot_open_does_not_and_the_others_are_turned(session):
    topics = [make_topic(session, state=TopicState.ON_BALLOT) for _ in range(2)]
    make_subscription(session)
    stuck, fine = make_round(session, topics=topics, opens_at=utc_now() - timedelta(days=1)), make_round(session)
    session.commit()
    handlers.turn({})

    assert state_of(stuck) is RoundState.DRAFT
    assert state_of(fine) is RoundState.OPEN


def test_who_voted_last_has_her_receipt_on_its_way_before_the_round_closes(session):
    round = make_round(session, state=RoundState.OPEN)
    patron = ballot_of(session, round)
    over(session, round)
    session.commit()
    handlers.turn({})
    waiting = state_of(round)
    handlers.turn({})

    assert (waiting, state_of(round)) == (RoundState.OPEN, RoundState.PUBLISHED)
    assert current().scalars(select(Letter.recipient).filter_by(kind="vote_receipt")).all() == [patron.email]


def test_receipts_are_written_for_open_rounds(session):
    patrons = [ballot_of(session, make_round(session, state=RoundState.OPEN)) for _ in range(2)]
    session.commit()
    handlers.confirm({})

    assert set(current().scalars(select(Letter.recipient))) == {patron.email for patron in patrons}


def test_those_who_voted_are_told_once_in_their_language(session, monkeypatch):
    monkeypatch.setattr(letters, "BATCH", 2)
    round = make_round(session, state=RoundState.OPEN)
    voters = [ballot_of(session, round, locale="uk") for _ in range(5)]
    ballot_of(session, round, email=None)
    make_roll_entry(session, round)
    service.close_round(session, round, utc_now(), "staff:1", reason="a test")
    session.commit()
    for _ in range(2):
        handlers.tell({"round": round.slug})
    told = current().scalars(select(Letter).filter_by(kind="round_result")).all()

    assert sorted(letter.recipient for letter in told) == sorted(patron.email for patron in voters)
    assert {letter.locale for letter in told} == {"uk"}
    assert told[0].values["url"] == f"/vote/{round.slug}/results"
    assert all(letter.values["stop_url"].startswith("/letters/stop/") for letter in told)


def test_what_a_closing_deleted_is_left_in_no_file(session, database_url):
    round = make_round(session, state=RoundState.OPEN)
    ballot_of(session, round)
    service.close_round(session, round, utc_now(), "test", reason="a test")
    session.commit()
    handlers.scrub({})
    log = Path(database_url.removeprefix("sqlite:///") + "-wal")

    assert session.scalar(select(Job.kind).filter_by(kind="rounds.scrub")) == "rounds.scrub"
    assert not log.exists() or log.stat().st_size == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_somebody_still_reads_is_tried_again(session, app, database_url):
    make_round(session)
    session.commit()
    with Session(app.extensions["engine"]) as reader:
        reader.scalars(select(Round)).all()
        make_round(session)
        session.commit()
        with pytest.raises(StillRead):
            handlers.scrub({})
