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


def test_fifty_voters_at_once_are_all_counted_once_though_two_of_them_press_on_ten_devices(
    session, database_url, tmp_path
):
    """One who is on the roll, and one who joins it with her ballot; nobody gives more dots than she has."""
    round = make_round(session, state=RoundState.OPEN, method=Method.DOTS, budget=4, is_open_roll=True)
    joining, [hasty, *others] = make_subscription(session).patron, voters(session, round, 49)
    many = [(one.id, {round.slugs[n % 3]: 1 + n % 4}) for n in range(10) for one in (joining, hasty)]
    rush = Rush(database_url, tmp_path, round, many + [(one.id, {round.slugs[0]: 1}) for one in others])
    rush.wait()
    ballots = session.scalars(select(Ballot)).all()

    assert (len(rush.taken), rush.refused) == (68, 0)
    assert count(session, RollEntry) == len(ballots) == 50
    assert all(len(ballot.marks) == 1 and 0 < sum(ballot.marks.values()) <= 4 for ballot in ballots)
    assert findings(session) == []


def test_closing_amid_the_rush_counts_exactly_the_ballots_that_were_taken(session, round, database_url, tmp_path):
    choices = [(patron.id, round.slugs[n % 3]) for n, patron in enumerate(voters(session, round, 200))]
    rush = Rush(database_url, tmp_path, round, choices)
    while count(session, Ballot) < 20:
        session.rollback()
        sleep(0.02)
    session.rollback()
    service.close_round(session, round, utc_now(), "staff:1", reason="a test")
    session.commit()
    rush.wait()
    result = read_result(round.result)

    assert len(rush.taken) + rush.refused == 200
    assert result.ballots == len(rush.taken) == count(session, Ballot)
    assert {topic.slug: topic.persons for topic in result.topics} == {
        slug: rush.taken.count(slug) for slug in round.slugs
    }
    assert findings(session) == []
