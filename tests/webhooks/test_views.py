"""The door for events: proven on the raw bytes, stored, answered."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import event, func, select, text

from membership.clock import utc_now
from membership.gateway import signatures
from membership.jobs.models import Job
from membership.webhooks.models import StoredEvent
from tests.conftest import WEBHOOK_SECRET
from tests.webhooks.posting import PATH, event_body, post

BODY = event_body(id="evt_1")


def stored(session):
    return session.scalar(select(func.count()).select_from(StoredEvent))


def signed(secret=WEBHOOK_SECRET, body=BODY, seconds=0):
    return signatures.sign(body, secret, utc_now() + timedelta(seconds=seconds))


def test_an_event_is_stored_with_the_work_on_it(client, session):
    answer = post(client, BODY)

    kept, job = session.scalars(select(StoredEvent)).one(), session.scalars(select(Job)).one()
    assert (answer.status_code, answer.data, answer.headers.get("Set-Cookie")) == (204, b"", None)
    assert (kept.id, kept.type, kept.object_id, kept.payload) == ("evt_1", "invoice.paid", "in_1", "{}")
    assert (job.kind, job.payload) == ("events.process", {"event_id": "evt_1"})


def test_an_event_delivered_again_is_stored_once(client, session):
    for _ in range(3):
        assert post(client, BODY).status_code == 204

    assert stored(session) == 1


def test_an_event_delivered_many_times_at_once_is_stored_once(app, session):
    start = Barrier(8)

    def deliver(_):
        start.wait()
        return post(app.test_client(), BODY).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(deliver, range(8))) == {204}

    assert (stored(session), session.scalar(select(func.count()).select_from(Job))) == (1, 1)


def test_each_delivery_fills_one_row_whatever_else_the_body_says(client, session):
    post(client, BODY)
    post(client, event_body("invoice.voided", id="evt_1"))

    assert session.scalars(select(StoredEvent.type)).all() == ["invoice.paid"]


FORGERIES = {
    "none": lambda: "",
    "other secret": lambda: signed(secret="whsec_of_another_endpoint_0123456789"),
    "empty secret": lambda: signed(secret=""),
    "other body": lambda: signed(body=BODY + b" "),
    "old": lambda: signed(seconds=-302),
    "future": lambda: signed(seconds=310),
    "far future": lambda: signed(seconds=3600 * 24 * 365 * 10),
    "twice": lambda: f"{signed()},{signed()}",
    "v0": lambda: signed().replace("v1=", "v0="),
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES.keys())
def test_a_forged_event_leaves_no_trace(client, session, forge):
    answer = post(client, BODY, **{"Stripe-Signature": forge()})

    assert (answer.status_code, answer.json["title"]) == (400, "ForgedEvent")
    assert stored(session) == 0


def test_a_header_that_was_sent_twice_is_refused(client, session):
    headers = [("Stripe-Signature", signed()), ("Stripe-Signature", signed())]

    assert client.post(PATH, data=BODY, headers=headers).status_code == 400
    assert stored(session) == 0


def test_an_event_of_the_other_mode_is_refused(client, session):
    answer = post(client, event_body(livemode=True))

    assert (answer.status_code, answer.json["title"]) == (400, "OtherMode")
    assert stored(session) == 0


def test_a_body_beyond_all_measure_is_refused_unread(client, session):
    answer = post(client, b"x" * 5_000_000)

    assert answer.status_code == 413
    assert stored(session) == 0


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_only_posting_is_taken(client, method):
    assert getattr(client, method)(PATH).status_code == 405


FILL = """
CREATE FUNCTION find_no_room() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'no space left on device' USING ERRCODE = 'disk_full'; END $$;
CREATE TRIGGER full_disk BEFORE INSERT ON jobs FOR EACH ROW EXECUTE FUNCTION find_no_room();
"""


def _pin_size(connection, _):
    connection.execute("PRAGMA max_page_count = 1")


@contextmanager
def full_disk(engine):
    """Let the database find no room to grow: SQLite by its own limit, PostgreSQL by the error that it would raise."""
    if engine.dialect.name == "sqlite":
        engine.dispose()
        event.listen(engine, "connect", _pin_size)
        yield
        event.remove(engine, "connect", _pin_size)
        engine.dispose()
        return
    with engine.begin() as connection:
        connection.execute(text(FILL))
    yield
    with engine.begin() as connection:
        connection.execute(text("DROP TRIGGER full_disk ON jobs; DROP FUNCTION find_no_room"))


def test_a_full_disk_is_admitted_so_that_stripe_sends_again(client, app, session):
    fit = 0
    with full_disk(app.extensions["engine"]):
        while (answer := post(client, body := event_body("є" * 255, "є" * 255))).status_code == 204:
            fit += 1
        assert (answer.status_code, answer.json["title"]) == (503, "NotStored")
        assert stored(session) == fit
        session.rollback()

    assert post(client, body).status_code == 204
