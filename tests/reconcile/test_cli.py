"""`flask reconcile`, and the regular walk."""

import json

from sqlalchemy import func, select

from membership.clock import utc_now
from membership.db import session as reading
from membership.db import transaction
from membership.jobs.service import enqueue
from membership.payments.models import Payment
from membership.reconcile import service


def run(app, *words):
    return app.test_cli_runner().invoke(args=["reconcile", *words])


def payments():
    reading().rollback()
    return reading().scalar(select(func.count()).select_from(Payment))


def test_repairs_are_told_line_by_line(app, story):
    session_id = story.give()
    result = run(app)

    assert (result.exit_code, payments()) == (0, 1)
    assert f"repaired  {session_id}  checkout paid, here open (no event told of it)" in result.output
    assert result.output.endswith("Differences: 2, left: 0.\n")


def test_a_dry_run_fails_when_there_is_something_to_repair(app, story):
    story.give()
    result = run(app, "--dry-run", "--json")

    told = json.loads(result.output)
    assert (result.exit_code, told["found"], told["left"], payments()) == (1, 2, 2, 0)
    assert told["findings"][0]["cause"] == "no event told of it"


def test_what_moves_for_others_is_counted(app, story, gateway):
    stranger = story.give()
    gateway.settle()
    del gateway.world.checkouts[stranger]

    assert "Movements of other products on this account: 1" in run(app).output


def test_a_day_to_begin_with_can_be_named(app, context):
    told = json.loads(run(app, "--since", "2026-01-02", "--json").output)

    assert (told["since"], told["seen"], told["findings"]) == ("2026-01-02T00:00:00+00:00", 0, [])


def test_a_second_one_says_that_the_first_is_running(app, context):
    with transaction() as session:
        service.take_lease(session, utc_now())
    result = run(app)

    assert result.exit_code == 1
    assert "Another reconciliation is running" in result.output


def start_job():
    with transaction() as session:
        enqueue(session, "reconcile", "reconcile:1", {})


def test_the_regular_walk_repairs_by_itself(story, drain):
    story.give()
    start_job()
    drain()
    assert payments() == 1


def test_the_regular_walk_is_content_when_nothing_differs(context, drain):
    start_job()

    assert drain() == 1


def test_the_regular_walk_leaves_when_somebody_else_walks(story, drain):
    story.give()
    start_job()
    with transaction() as session:
        service.take_lease(session, utc_now())
    drain()

    assert payments() == 0
