"""Work after the commit: never lost, done once, put off when it fails."""

import multiprocessing
import os
import signal
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from membership import clock, create_app, db
from membership.clock import utc_now
from membership.db import transaction
from membership.gateway.memory import MemoryGateway
from membership.jobs import service
from membership.jobs.handlers import forget
from membership.jobs.models import Heartbeat, Job
from membership.jobs.worker import Worker
from tests.conftest import make_settings


@pytest.fixture
def seen():
    return []


@pytest.fixture
def worker(context, seen):
    return Worker({"note": seen.append, "fail": lambda payload: 1 / 0}, {"note": timedelta(hours=1)})


def write(kind, key, payload=None, run_at=None):
    with transaction() as session:
        service.enqueue(session, kind, key, payload or {}, run_at)


def jobs(key):
    return [
        (job.done_at, job.attempts, job.leased_until) for job in db.session().scalars(select(Job).filter_by(key=key))
    ]


def test_work_is_done_once(worker, seen):
    write("note", "a", {"n": 1})

    assert (worker.drain(), worker.drain()) == (1, 0)
    assert seen == [{"n": 1}]


def test_the_same_work_is_written_down_once(worker, seen):
    write("note", "a", {"n": 1})
    write("note", "a", {"n": 2})
    worker.drain()

    assert seen == [{"n": 1}]


def test_work_waits_for_its_time(worker, seen):
    write("note", "a", run_at=utc_now() + timedelta(hours=1))

    assert worker.drain() == 0


def test_a_job_that_fails_is_put_off_and_the_others_go_on(worker, seen):
    write("fail", "a")
    write("note", "b")
    worker.drain()

    job = db.session().scalars(select(Job).filter_by(key="a")).one()
    assert (job.error, job.attempts, job.done_at) == ("ZeroDivisionError", 1, None)
    assert job.run_at > utc_now()
    assert seen == [{}]


def test_a_job_that_keeps_failing_is_parked_and_can_be_tried_again(worker):
    write("fail", "a")
    for _ in range(service.MOST_ATTEMPTS):
        with transaction() as session:
            session.scalars(select(Job)).one().run_at = utc_now()
        worker.drain()
    with transaction() as session:
        parked = session.scalars(select(Job)).one().parked_at
        again = service.retry_parked(session, utc_now())

    assert parked is not None
    assert again == 1


@pytest.fixture
def several(worker):
    """Let notes be done several at once, unless one is bad; return how many went together."""
    sizes = []

    def do(payloads):
        sizes.append(len(payloads))
        if any("bad" in payload for payload in payloads):
            raise ZeroDivisionError
        worker_seen.extend(payloads)
        return len(payloads)

    worker_seen = worker.handlers["note"].__self__
    worker.together = {"note": do}
    return sizes


def test_fresh_work_of_a_kind_is_done_together(worker, several, seen):
    for key in "abc":
        write("note", key, {"key": key})
    write("fail", "d")

    assert worker.drain() == 4
    assert (several, [one["key"] for one in seen]) == ([3], ["a", "b", "c"])
    assert [jobs(key)[0][0] is not None for key in "abcd"] == [True, True, True, False]


def test_what_cannot_be_done_together_is_done_alone_and_each_has_its_own_outcome(worker, several, seen):
    worker.handlers = {"note": lambda payload: 1 / 0 if "bad" in payload else seen.append(payload)}
    for n in range(5):
        write("note", str(n), {"bad": 1} if n == 2 else {"n": n})
    worker.drain()

    assert [one["n"] for one in seen] == [0, 1, 3, 4]
    assert [(jobs(str(n))[0][0] is not None, jobs(str(n))[0][1]) for n in range(5)] == [
        (True, 1), (True, 1), (False, 1), (True, 1), (True, 1)
    ]  # fmt: skip
    assert several == [5, 2, 2, 2]


def test_who_does_only_the_first_of_them_leaves_the_others_untried(worker, several, seen):
    worker.together = {"note": lambda payloads: seen.extend(payloads[:2]) or 2}
    for n in range(4):
        write("note", str(n), {"n": n})

    assert worker.drain(4) == 4
    assert [one["n"] for one in seen] == [0, 1, 2, 3]
    assert [jobs(str(n))[0][1:] for n in range(4)] == [(1, None)] * 4


def test_what_was_tried_before_is_done_alone(worker, several, seen):
    for n in range(3):
        write("note", str(n), {"n": n})
    with transaction() as session:
        session.execute(update(Job).where(Job.key != "2").values(attempts=1))
    worker.drain()

    assert (several, len(seen)) == ([], 3)


def test_no_more_is_done_together_than_asked_for(worker, several):
    for n in range(3):
        write("note", str(n))

    assert (worker.drain(2), several) == (2, [2])
    assert jobs("2") == [(None, 0, None)]


def test_regular_work_is_written_down_once_per_slot(worker, seen):
    worker.tick()
    worker.tick()
    worker.drain()

    assert len(seen) == 1


def test_a_worker_is_seen_to_live(worker):
    assert not service.is_worked(db.session(), utc_now())
    worker.tick()
    worker.tick()

    assert service.is_worked(db.session(), utc_now())
    assert db.session().scalar(select(func.count()).select_from(Heartbeat)) == 1


def test_the_loop_works_until_it_is_told_to_stop(worker, seen):
    stop = Event()
    worker.handlers = {"note": lambda payload: stop.set()}
    worker.run(stop, idle=0.01)

    assert stop.is_set()


def test_who_is_told_to_stop_leases_nothing_more(worker):
    stop = Event()
    worker.handlers = {"note": lambda payload: stop.set()}
    write("note", "a")
    write("note", "b")
    worker.run(stop, idle=0.01)

    assert jobs("b") == [(None, 0, None)]


def test_no_more_jobs_are_done_or_leased_than_asked_for(worker, seen):
    write("note", "a")
    write("note", "b")

    assert worker.drain(1) == 1
    assert len(seen) == 1
    assert jobs("b") == [(None, 0, None)]


def test_regular_work_is_done_though_other_work_never_ends(worker, tmp_path, seen):
    stop, offset = Event(), tmp_path / "offset"

    def go_on(payload):
        n = payload["n"] + 1
        offset.write_text(str(n * 7200))
        clock.follow(offset)
        write("endless", f"endless:{n}", {"n": n})
        if n > 20 or len(seen) > 2:
            stop.set()

    worker.handlers = {"endless": go_on, "note": seen.append}
    write("endless", "endless:0", {"n": 0})
    worker.run(stop, idle=0.01)
    clock.follow(None)

    assert len(seen) > 2


class Hiccup(Worker):
    """A worker whose database does not answer the first time."""

    ticks = 0

    def tick(self):
        self.ticks += 1
        if self.ticks == 1:
            raise OperationalError("BEGIN", {}, OSError())
        super().tick()


def test_the_loop_outlives_a_database_that_does_not_answer(context):
    stop = Event()
    Hiccup({"note": lambda payload: stop.set()}, {"note": timedelta(hours=1)}).run(stop, idle=0.01)

    assert stop.is_set()


def test_waiting_work_is_counted(worker):
    write("note", "a")

    assert service.count_waiting(db.session(), utc_now()) == 1


def _work(url: str, share: str) -> None:
    app = create_app(make_settings(database_url=url), MemoryGateway(webhook_secrets=[]))
    done = []
    with app.app_context():
        Worker({"note": lambda payload: done.append(payload["n"])}, {}).drain()
    app.extensions["engine"].dispose()
    Path(share).write_text(",".join(map(str, done)))


@pytest.mark.processes
def test_several_workers_share_the_work_and_double_none(app, session, database_url, tmp_path):
    for n in range(40):
        service.enqueue(session, "note", str(n), {"n": n})
    session.commit()
    spawn = multiprocessing.get_context("spawn")
    shares = [str(tmp_path / f"share{n}") for n in range(2)]
    workers = [spawn.Process(target=_work, args=(database_url, share)) for share in shares]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)

    done = [int(n) for share in shares for n in Path(share).read_text().split(",") if n]
    assert sorted(done) == list(range(40))


def _die_at_work(url: str) -> None:
    app = create_app(make_settings(database_url=url), MemoryGateway(webhook_secrets=[]))
    with app.app_context():
        Worker({"note": lambda payload: os.kill(os.getpid(), signal.SIGKILL)}, {}).drain()


@pytest.mark.processes
def test_the_work_of_a_killed_worker_is_done_by_the_next(app, session, database_url, tmp_path):
    service.enqueue(session, "note", "a", {"n": 1})
    session.commit()
    process = multiprocessing.get_context("spawn").Process(target=_die_at_work, args=(database_url,))
    process.start()
    process.join(60)
    (tmp_path / "offset").write_text(str(service.LEASE.total_seconds() + 1))
    clock.follow(tmp_path / "offset")
    seen = []
    with app.app_context():
        Worker({"note": seen.append}, {}).drain()
    clock.follow(None)

    assert process.exitcode == -signal.SIGKILL
    assert seen == [{"n": 1}]


def test_nobody_takes_what_another_has_leased(session, app, database_url):
    service.enqueue(session, "note", "a", {})
    session.commit()
    service.claim(session, utc_now())
    session.commit()
    with Session(app.extensions["engine"].execution_options(writes=True)) as other:
        assert service.claim(other, utc_now()) is None


def test_a_job_that_ends_its_worker_each_time_is_parked(session):
    service.enqueue(session, "note", "deadly", {})
    service.enqueue(session, "note", "harmless", {})
    deadly = session.scalars(select(Job).filter_by(key="deadly")).one()
    deadly.attempts = service.MOST_ATTEMPTS
    claimed = service.claim(session, utc_now())

    assert claimed is not None
    assert claimed.key == "harmless"
    assert (deadly.parked_at is not None, deadly.error) == (True, "WorkerEnded")


def test_what_was_done_long_ago_is_forgotten(worker):
    write("note", "old")
    worker.drain()
    write("note", "waits", run_at=utc_now() + timedelta(days=90))
    with transaction() as session:
        session.scalars(select(Job).filter_by(key="old")).one().done_at = utc_now() - timedelta(days=31)
    forget({})

    assert db.session().scalars(select(Job.key)).all() == ["waits"]
