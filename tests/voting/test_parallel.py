"""Many voters at once, in processes and threads of their own: none lost, none doubled, a clean edge at the close."""

import json
import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.process import BaseProcess
from time import sleep

import pytest
from sqlalchemy import func, select

from membership import create_app
from membership.clock import utc_now
from membership.db import transaction
from membership.gateway.memory import MemoryGateway
from membership.mail.models import Letter
from membership.patrons.models import Patron
from membership.voting import service
from membership.voting.errors import RoundClosed
from membership.voting.invariants import INVARIANTS
from membership.voting.models import Ballot, Method, RollEntry, RoundState
from membership.voting.rules import read_result
from tests.conftest import make_settings
from tests.factories import make_patron, make_roll_entry, make_round, make_subscription

PROCESSES, THREADS = 2, 5
pytestmark = pytest.mark.processes


def _cast_all(url, slug, choices, share):
    app = create_app(make_settings(database_url=url), MemoryGateway(webhook_secrets=[]))

    def cast(choice):
        patron_id, mark = choice
        marks = mark if isinstance(mark, dict) else [mark]
        try:
            with app.app_context(), transaction() as session:
                round = service.get_announced_round(session, slug)
                service.cast_ballot(session, round, session.get_one(Patron, patron_id), marks, utc_now())
        except RoundClosed:
            return None
        return mark

    with ThreadPoolExecutor(THREADS) as pool:
        share.write_text(json.dumps(list(pool.map(cast, choices))))
    app.extensions["engine"].dispose()


class Rush:
    """Voters who cast at once; `taken` are the marks whose voters were told that their ballot is in."""

    def __init__(self, url, folder, round, choices) -> None:
        spawn = multiprocessing.get_context("spawn")
        self.shares = [folder / f"share{n}" for n in range(PROCESSES)]
        parts = [choices[n::PROCESSES] for n in range(PROCESSES)]
        self.processes: list[BaseProcess] = [
            spawn.Process(target=_cast_all, args=(url, round.slug, part, share))
            for part, share in zip(parts, self.shares, strict=True)
        ]
        for process in self.processes:
            process.start()

    def wait(self):
        for process in self.processes:
            process.join(90)
        assert [process.exitcode for process in self.processes] == [0] * PROCESSES
        answers = [answer for share in self.shares for answer in json.loads(share.read_text())]
        self.taken, self.refused = [mark for mark in answers if mark], answers.count(None)


@pytest.fixture
def round(session):
    return make_round(session, state=RoundState.OPEN)


def voters(session, round, number):
    patrons = [make_patron(session) for _ in range(number)]
    for patron in patrons:
        make_roll_entry(session, round, patron_id=patron.id)
    session.commit()
    return patrons


def count(session, kind):
    session.rollback()
    return session.scalar(select(func.count()).select_from(kind))


def findings(session):
    session.rollback()
    return [row for find in INVARIANTS.values() for row in find(session)]


def test_fifty_voters_at_once_are_all_counted_once(session, round, database_url, tmp_path):
    choices = [(patron.id, round.slugs[n % 3]) for n, patron in enumerate(voters(session, round, 50))]
    rush = Rush(database_url, tmp_path, round, choices)
    rush.wait()

    assert (len(rush.taken), rush.refused) == (50, 0)
    assert count(session, Ballot) == count(session, Letter) == 50
    assert findings(session) == []


def test_one_voter_on_many_devices_has_one_ballot(session, round, database_url, tmp_path):
    [patron] = voters(session, round, 1)
    Rush(database_url, tmp_path, round, [(patron.id, round.slugs[n % 3]) for n in range(30)]).wait()

    assert count(session, Ballot) == count(session, Letter) == 1
    assert len(session.scalars(select(Ballot)).one().marks) == 1
    assert findings(session) == []


def test_closing_amid_the_rush_counts_exactly_the_ballots_that_were_taken(session, round, database_url, tmp_path):
    choices = [(patron.id, round.slugs[n % 3]) for n, patron in enumerate(voters(session, round, 200))]
    rush = Rush(database_url, tmp_path, round, choices)
    while count(session, Ballot) < 20:
        session.rollback()
        sleep(0.02)
    session.rollback()
    service.close_round(session, round, utc_now(), "staff:1")
    session.commit()
    rush.wait()
    result = read_result(round.result)

    assert len(rush.taken) + rush.refused == 200
    assert result.ballots == len(rush.taken) == count(session, Ballot)
    assert {topic.slug: topic.persons for topic in result.topics} == {
        slug: rush.taken.count(slug) for slug in round.slugs
    }
    assert findings(session) == []


def test_one_voter_on_many_devices_never_gives_more_dots_than_she_has(session, database_url, tmp_path):
    round = make_round(session, state=RoundState.OPEN, method=Method.DOTS, budget=4)
    [patron] = voters(session, round, 1)
    Rush(database_url, tmp_path, round, [(patron.id, {round.slugs[n % 3]: 1 + n % 4}) for n in range(30)]).wait()
    ballot = session.scalars(select(Ballot)).one()

    assert 0 < sum(ballot.marks.values()) <= 4
    assert len(ballot.marks) == 1
    assert findings(session) == []


def test_who_joins_an_open_roll_on_many_devices_is_on_it_once(session, database_url, tmp_path):
    round = make_round(session, state=RoundState.OPEN, is_open_roll=True)
    patron = make_subscription(session).patron
    session.commit()
    Rush(database_url, tmp_path, round, [(patron.id, round.slugs[n % 3]) for n in range(30)]).wait()

    assert count(session, RollEntry) == count(session, Ballot) == 1
    assert findings(session) == []
