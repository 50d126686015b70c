import json

import pytest
from sqlalchemy import select

from membership.access import service as access
from membership.clock import utc_now
from membership.db import transaction
from membership.notifications.models import SiteEndpoint
from tests.access.asking import register
from tests.factories import make_comp
from tests.notifications.receiving import receiving
from tests.staff.looking import acts


@pytest.fixture
def run(app):
    def ran(*words):
        return app.test_cli_runner().invoke(args=["sites", *words])

    return ran


@pytest.fixture
def told(context, session, run, drain):
    """Give a site that was told once, by the commands alone."""
    register(session)
    with receiving() as site:
        site.secret = json.loads(run("set-webhook", "daily", site.url, "--json").output)["secret"]
        with transaction() as current:
            patron_id = make_comp(current).patron_id
            access.subject_of(current, 1, patron_id)
            make_comp(current, patron_id=patron_id)
        with transaction() as current:
            make_comp(current, patron_id=patron_id)
        drain()
        yield site


def test_a_site_is_told_where_the_command_says(told, run, session):
    assert told.told() == [("active", 1)]
    assert "decision.changed  204" in run("messages", "daily").output
    assert "Its secret" not in run("set-webhook", "daily", told.url).output
    assert acts(session) == ["site.webhook_set", "site.webhook_set"]


def test_a_site_is_shown_with_where_it_is_told_and_whether_it_hears(told, run):
    def shown(**fields):
        with transaction() as current:
            endpoint = current.scalars(select(SiteEndpoint)).one()
            for name, value in fields.items():
                setattr(endpoint, name, value)
        return run("show", "daily").output.splitlines()[-1].removeprefix(f"webhook: {told.url}  ")

    since = utc_now()
    as_told = json.loads(run("show", "daily", "--json").output)["webhook"]

    assert as_told == {"url": told.url, "failing_since": None, "given_up_at": None, "why": None}
    assert shown() == "works"
    assert shown(failing_since=since) == f"fails since {since.isoformat()}"
    given_up = f"given up {since.isoformat()} (410): flask sites enable-webhook"
    assert shown(disabled_at=since, disabled_why="410") == given_up


def test_a_site_that_is_told_nothing_is_shown_without_a_webhook(context, run, session):
    register(session)

    assert run("show", "daily").output.endswith("webhook: none\n")


@pytest.mark.parametrize("url", ["http://10.0.0.1/", "https://localhost.invalid/", "nowhere"])
def test_an_address_inside_is_refused_when_it_is_set(run, session, url):
    register(session)
    refusal = run("set-webhook", "daily", url)

    assert refusal.exit_code == 1
    assert "(url)" in refusal.output


def test_messages_are_sent_again(told, run, drain):
    number = json.loads(run("messages", "daily", "--json").output)["messages"][0]["id"]
    said = [
        run("replay", "daily").output,
        run("replay", "daily", "--since", "2020-01-01T00:00:00+00:00").output,
        run("replay", "daily", "--message", number).output,
        run("replay", "daily", "--message", "msg_0").output,
    ]
    drain()

    assert ["again: 0." in said[0], "again: 1." in said[1], "again: 1." in said[2]] == [True] * 3
    assert "There is no such message to a site." in said[3]
    assert len(told.requests) == 2


def test_a_secret_changes_and_an_address_is_enabled_and_removed(told, run, session):
    new = json.loads(run("rotate-webhook-secret", "daily", "--json").output)["secret"]
    said = [run(word, "daily").output for word in ("enable-webhook", "remove-webhook", "enable-webhook")]

    assert new != told.secret
    assert "never arrived: 0." in said[0]
    assert "told nothing any more" in said[1]
    assert "no address at which it wants to be told" in said[2]
    assert acts(session)[-3:] == ["site.webhook_secret_rotated", "site.webhook_enabled", "site.webhook_removed"]


def test_a_site_that_was_told_nothing_has_no_messages(run, session):
    register(session)

    assert "Nothing was told yet." in run("messages", "daily").output
