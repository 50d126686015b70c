"""Two real processes get the same request at the same moment; a process is killed before it could answer."""

import json
import multiprocessing
import os
import signal
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select, update
from sqlalchemy.orm import Session

from membership import create_app
from membership.access import service
from membership.access.models import Handover
from membership.clock import utc_now
from membership.gateway.memory import MemoryGateway
from membership.idempotency.models import IdempotentRequest
from tests.access.asking import CHALLENGE, VERIFIER, bearer, register
from tests.conftest import make_settings
from tests.factories import make_subscription

PROCESSES = multiprocessing.get_context("spawn")
pytestmark = pytest.mark.processes


def collect(client, key, code):
    headers = bearer(key) | {"Idempotency-Key": f'"{code[:20]}"'}
    return client.post("/access/token", headers=headers, json={"code": code, "verifier": VERIFIER})


def run(url, keys, site_key, code, ready, answers):
    app = create_app(make_settings(database_url=url, pass_keys_dir=keys), MemoryGateway(webhook_secrets=[]))
    if ready is None:
        event.listen(Session, "before_commit", die_when_the_code_is_taken)
    else:
        ready.wait(60)
    answer = collect(app.test_client(), site_key, code)
    answers.put((answer.status_code, answer.get_data(as_text=True)))


def die_when_the_code_is_taken(session):
    if any(isinstance(row, Handover) for row in session.identity_map.values()):
        event.listen(session, "after_commit", lambda _: os.kill(os.getpid(), signal.SIGKILL))


@pytest.fixture
def offer(session, settings):
    """Open a hand-over; return how a process may collect it: the site's key and the code."""
    site, key = register(session)
    patron = make_subscription(session).patron
    code = service.open_handover(session, site, patron.id, challenge=CHALLENGE, now=utc_now())
    session.commit()
    return settings.database_url.get_secret_value(), settings.pass_keys_dir, key, code


def start(*arguments):
    process = PROCESSES.Process(target=run, args=arguments)
    process.start()
    return process


def test_two_processes_at_once_do_it_once(offer, client, session):
    ready, answers = PROCESSES.Barrier(2), PROCESSES.Queue()
    processes = [start(*offer, ready, answers) for _ in range(2)]
    said = [answers.get(timeout=60) for _ in processes]
    for process in processes:
        process.join(60)
    last = collect(client, *offer[2:])

    done = {json.loads(body)["subject"] for status, body in said if status == 200}
    assert done == {last.json["subject"]}
    assert {status for status, _ in said} <= {200, 409}
    assert session.scalar(select(func.count()).select_from(IdempotentRequest)) == 1


def test_a_code_taken_by_a_process_that_was_killed_is_not_lost(offer, client, session):
    process = start(*offer, None, answers := PROCESSES.Queue())
    process.join(60)
    assert (process.exitcode, answers.empty()) == (-signal.SIGKILL, True)
    assert session.scalars(select(Handover)).one().used_at is not None
    session.rollback()
    assert collect(client, *offer[2:]).status_code == 409

    session.execute(update(IdempotentRequest).values(leased_until=utc_now() - timedelta(seconds=1)))
    session.commit()

    assert collect(client, *offer[2:]).status_code == 200
    headers = bearer(offer[2]) | {"Idempotency-Key": "another"}
    assert (
        client.post("/access/token", headers=headers, json={"code": offer[3], "verifier": VERIFIER}).status_code == 400
    )
