"""`flask events`."""

import json

from sqlalchemy import update

from membership.clock import utc_now
from membership.db import transaction
from membership.jobs.models import Job
from tests.webhooks.posting import event_body, post


def run(app, *words):
    return app.test_cli_runner().invoke(args=["events", *words])


def test_events_are_listed_with_what_became_of_them(app, client, drain):
    post(client, event_body("payout.sneezed", "po_1", id="evt_1"))
    assert run(app, "list").output.endswith("evt_1  payout.sneezed  waits\n")

    drain()
    (told,) = json.loads(run(app, "list", "--json").output)
    assert (told["id"], told["outcome"], told["object_id"]) == ("evt_1", "ignored", "po_1")


def test_an_empty_inbox_says_so(app):
    result = run(app, "list", "--parked")

    assert (result.output, result.exit_code) == ("There are none.\n", 0)


def test_a_parked_event_is_worked_on_again_when_asked(app, client, context, drain):
    post(client, event_body("payout.paid", "po_1", id="evt_1"))
    with transaction() as session:
        session.execute(update(Job).values(parked_at=utc_now(), attempts=12))
    assert drain() == 0
    assert run(app, "list", "--parked").exit_code == 1

    assert "evt_1" in run(app, "replay", "evt_1").output
    assert (drain(), run(app, "list", "--parked").exit_code) == (1, 0)


def test_an_event_that_was_worked_on_can_be_worked_on_again(app, client, drain):
    post(client, event_body("payout.paid", "po_1", id="evt_1"))
    drain()

    assert json.loads(run(app, "replay", "evt_1", "--json").output) == {"id": "evt_1"}
    assert drain() == 1


def test_an_unknown_event_cannot_be_replayed(app):
    assert run(app, "replay", "evt_unknown").exit_code != 0
