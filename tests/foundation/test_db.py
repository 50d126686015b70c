"""The database: one commit, aware times, writers that wait for each other."""

import multiprocessing
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from membership import db
from membership.clock import utc_now
from membership.db import transaction
from membership.jobs.models import Heartbeat, Job
from membership.patrons.models import Patron
from membership.subscriptions.models import SubscriptionStatus
from tests.factories import make_patron, make_price, make_subscription


def test_a_block_that_fails_leaves_nothing(context):
    with pytest.raises(IntegrityError), transaction() as session:
        make_patron(session, public_id="same")
        make_patron(session, public_id="same")

    assert db.session().scalar(select(func.count()).select_from(Patron)) == 0


def test_a_block_reads_again_what_the_block_before_it_left(context, session):
    with transaction() as first:
        patron = make_patron(first, name="Olena")
    session.execute(update(Patron).values(name="Olha"))
    session.commit()
    with transaction() as second:
        again = second.get_one(Patron, patron.id)

    assert again.name == "Olha"


def test_times_come_back_aware_and_in_order(session):
    late = datetime(2026, 1, 1, 1, tzinfo=UTC).astimezone(tz=None)
    make_patron(session, created_at=late)
    make_patron(session, created_at=late - timedelta(hours=1))
    session.commit()
    session.expire_all()

    times = list(session.scalars(select(Patron.created_at).order_by(Patron.created_at)))
    assert times == [datetime(2026, 1, 1, 0, tzinfo=UTC), datetime(2026, 1, 1, 1, tzinfo=UTC)]


def test_naive_times_are_refused(session):
    with pytest.raises(StatementError, match="times are aware"):
        make_patron(session, created_at=datetime(2026, 1, 1))  # noqa: DTZ001


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE patrons SET email = 'Upper@Example.org'",
        "UPDATE subscriptions SET status = 'dancing'",
        "UPDATE subscriptions SET patron_id = 999999",
        "UPDATE prices SET amount_minor = 0",
        "UPDATE prices SET amount_currency = 'euro'",
    ],
)
def test_constraints_hold_in_both_databases(session, statement):
    make_subscription(session)

    with pytest.raises(IntegrityError):
        session.execute(text(statement))


def test_a_patron_has_one_live_subscription(session):
    first = make_subscription(session)
    make_subscription(session, patron=first.patron, price=first.price, status=SubscriptionStatus.ENDED)
    make_subscription(session, patron=first.patron, price=first.price, is_surplus=True)

    with pytest.raises(IntegrityError):
        make_subscription(session, patron=first.patron, price=first.price)


def test_a_row_changed_by_somebody_else_is_not_overwritten(session):
    subscription = make_subscription(session, price=make_price(session))
    session.execute(text("UPDATE subscriptions SET version = version + 1"))
    subscription.is_surplus = True

    with pytest.raises(StaleDataError):
        session.flush()


def _count_up(url: str, times: int) -> None:
    engine = db.make_engine(url).execution_options(writes=True)
    for _ in range(times):
        with Session(engine) as session, session.begin():
            job = session.scalars(select(Job).with_for_update()).one()
            job.attempts += 1
    engine.dispose()


@pytest.mark.processes
def test_writers_in_several_processes_lose_nothing(app, session, database_url):
    session.add(Job(key="counter", kind="none", payload={}, run_at=utc_now()))
    session.commit()
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=_count_up, args=(database_url, 50)) for _ in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)

    session.expire_all()
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    assert session.scalars(select(Job.attempts)).one() == 150


def test_what_was_read_is_released_before_the_network(context):
    db.session().execute(select(Heartbeat))
    db.release()

    assert not db.session().in_transaction()
