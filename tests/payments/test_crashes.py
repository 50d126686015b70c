"""A process that is killed in the middle leaves all of a piece of work or nothing, and the next one completes it."""

import multiprocessing
import os
import signal
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import event, func, select, update
from sqlalchemy.orm import Session

from membership import create_app
from membership.clock import utc_now
from membership.db import session as reading
from membership.db import transaction
from membership.jobs.models import Job
from membership.ledger.models import JournalTransaction
from membership.payments.invariants import INVARIANTS
from membership.payments.models import Payment
from membership.reconcile import walk
from membership.reconcile.models import Checkpoint
from membership.webhooks.service import explain
from tests.conftest import make_settings
from tests.webhooks.posting import event_body, post


def _die_at_commit(number):
    commits = count(1)

    def die(_):
        if next(commits) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Session, "before_commit", die)


def _run(url, gateway, number, act):
    app = create_app(make_settings(database_url=url), gateway)
    with app.app_context():
        _die_at_commit(number)
        if act == "work":
            app.extensions["worker"].drain()
        else:
            walk.reconcile(explain)


def killed(database_url, gateway, number, act):
    """Run a process that is killed at its n-th commit."""
    process = multiprocessing.get_context("spawn").Process(target=_run, args=(database_url, gateway, number, act))
    process.start()
    process.join(60)
    return process.exitcode == -signal.SIGKILL


def counts():
    reading().rollback()
    return [reading().scalar(select(func.count()).select_from(row)) for row in (Payment, JournalTransaction)]


@pytest.mark.processes
@pytest.mark.parametrize(("number", "before"), [(1, 0), (2, 0), (3, 1)])
def test_an_event_survives_a_worker_that_is_killed(story, client, gateway, drain, database_url, number, before):
    post(client, event_body("checkout.session.completed", story.give()))
    assert killed(database_url, gateway, number, "work")
    assert counts() == [before, before]

    with transaction() as session:
        session.execute(update(Job).values(leased_until=utc_now() - timedelta(seconds=1)))
    drain()
    assert counts() == [1, 1]
    assert not any(find(reading()) for find in INVARIANTS.values())


@pytest.mark.processes
def test_a_repair_that_is_killed_half_way_is_completed_by_the_next(story, gateway, database_url):
    for _ in range(3):
        story.give()
    # The lease, the walk, checkouts, payments, the end of the lists, what differs, one repair: the 8th is the second.
    assert killed(database_url, gateway, 8, "reconcile")
    assert counts() == [1, 1]

    with transaction() as session:
        session.execute(update(Checkpoint).where(Checkpoint.name == "lease").values(reached_at=utc_now()))
    report = walk.reconcile(explain)
    assert (report.found, report.left, counts()) == (6, 0, [3, 3])
    assert not [name for name, _ in gateway.calls if name.startswith("list_")]
