import re

import pytest
from sqlalchemy import select

from membership.clock import utc_now
from membership.db import transaction
from membership.notifications import service
from membership.notifications.models import ConnectionCheck, Notification, SiteEndpoint
from membership.notifications.service import Finding
from tests.access.asking import register
from tests.browsing import post
from tests.staff.looking import acts, look

PAGE = "/staff/sites/daily/webhook"
ADDRESS = {"url": "http://127.0.0.1:1/told"}
CASES = [
    *("jwks.away", "jwks.other", "origin.away", "return.away", "return.missing", "key.never", "key.long_ago"),
    *("webhook.none", "webhook.away", "webhook.refused", "pass.silent", "pass.gullible", "pass.refused", "pass."),
]


@pytest.fixture
def site(session):
    return register(session)[0]


@pytest.fixture
def told(site, admin):
    """Let the site be told, through the page."""
    page = post(admin, PAGE, ADDRESS)
    return re.search(r"whsec_[A-Za-z0-9+/=]{44}", page.text)[0]


def put(app):
    with app.app_context(), transaction() as current:
        return service.put(current, 1, "decision.changed", "{}", utc_now())


def test_the_secret_is_shown_once_and_every_message_with_its_last_answer(app, told, admin, drain):
    message = put(app)
    waiting = admin.get(PAGE).text
    drain()
    tried = admin.get(PAGE).text
    with app.app_context(), transaction() as current:
        current.get_one(Notification, message.id).next_at = None

    assert told not in waiting
    assert "waiting; next on" in waiting
    assert "ConnectionRefusedError; next on" in tried
    assert "Nothing has arrived since" in tried
    assert "ConnectionRefusedError; given up" in admin.get(PAGE).text


def test_messages_are_sent_again_from_the_page(app, told, admin, session):
    message = put(app)
    one = post(admin, f"{PAGE}/replay", {"message": message.public_id}, page=PAGE)
    every = post(admin, f"{PAGE}/replay", page=PAGE)

    assert (one.location, every.location) == (PAGE, PAGE)
    assert "1 message is sent again." in admin.get(PAGE).text
    assert acts(session) == ["site.webhook_set", "site.replayed", "site.replayed"]


def test_a_site_that_was_given_up_is_enabled_from_the_page(app, told, admin, session):
    message = put(app)
    with app.app_context(), transaction() as current:
        service.record(current, message.id, service.Outcome("410", 410), utc_now())
        current.get_one(Notification, message.id).delivered_at = utc_now()
    before = admin.get(PAGE).text
    post(admin, f"{PAGE}/enable", page=PAGE)

    assert "the last answer was: 410" in before
    assert look(session, select(SiteEndpoint.disabled_at)) == [None]


def test_an_address_inside_is_refused_at_the_field(site, admin, session):
    answer = post(admin, PAGE, {"url": "http://169.254.169.254/latest"})

    assert answer.status_code == 400
    assert 'id="url-error"' in answer.text
    assert look(session, select(SiteEndpoint)) == []


def test_an_address_is_changed_its_secret_made_anew_and_all_removed_with_a_reason(told, admin, session):
    moved = post(admin, PAGE, {"url": "http://127.0.0.1:2/"})
    new = post(admin, f"{PAGE}/secret", page=PAGE).text
    without = post(admin, f"{PAGE}/remove")
    removed = post(admin, f"{PAGE}/remove", {"reason": "The site has moved"})

    assert moved.location == PAGE
    assert "whsec_" in new
    assert told not in new
    assert (without.status_code, removed.location) == (400, "/staff/sites/daily")
    assert look(session, select(SiteEndpoint)) == []


def test_a_connection_is_tested_by_the_worker_and_the_page_says_what_to_do(app, site, admin, session):
    path = "/staff/sites/daily/connection"
    assert "Test it" in admin.get(path).text
    post(admin, path)
    waiting = admin.get(path).text
    found = [Finding(*case.split(".")[:1], about="http://daily.test", why=case.split(".")[1]) for case in CASES]
    with app.app_context(), transaction() as current:
        service.record_findings(current, 1, found, utc_now())
    page = admin.get(path).text

    assert "The test is under way" in waiting
    assert page.count("<li>") >= len(CASES)
    assert "anybody can read as anybody" in page
    assert page.count("Not known") == 4
    assert look(session, select(ConnectionCheck.finished_at))[0]
