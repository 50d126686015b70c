"""Groups by command: as staff can on their pages, without addresses."""

import json

import pytest

from tests.factories import make_tier


@pytest.fixture
def run(app):
    return lambda *words: app.test_cli_runner().invoke(args=["groups", *words])


def test_a_group_is_made_shown_changed_and_ended(run, session, letters):
    assert "no group yet" in run("list").output
    make_tier(session, slug="friend")
    session.commit()
    made = run("add", "City Library", "friend", "5", "--manager", "lib@example.org", "--until", "2030-12-31", "--json")
    told = json.loads(made.output)
    key = told["id"]

    assert (told["seats"], told["taken"], told["ends_at"]) == (5, 0, "2030-12-31T22:00:00+00:00")
    invited = run("invite", key, "olena@example.org", "ivan@example.org")
    assert "Invited: 2. Known already: 0." in invited.output
    assert "has 7 seats" in run("seats", key, "7").output
    assert "lasts until it is ended" in run("extend", key).output
    assert "looked after by new@example.org" in run("manager", key, "new@example.org").output
    shown = run("show", key).output
    assert ("seats: 7" in shown, "invited: 2" in shown, "olena" in shown) == (True, True, False)
    assert "   0 of    7  friend  City Library" in run("list").output
    assert run("end", key, "--reason", "Not paid").exit_code == 0
    refused = run("seats", key, "9")
    assert (refused.exit_code, refused.output) == (1, "Error: This group has ended.\n")
