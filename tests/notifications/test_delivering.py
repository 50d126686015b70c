from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select
from standardwebhooks import Webhook

from membership.access import service as access
from membership.clock import utc_now
from membership.db import transaction
from membership.mail.models import Letter
from membership.notifications import service
from membership.notifications.models import Notification, SiteEndpoint
from membership.notifications.sealing import sealer
from membership.patrons.models import Role
from tests.factories import make_comp
from tests.notifications.receiving import tell_at
from tests.staff.looking import acts, look
from tests.staff.signing_in import make_staff

DAY = timedelta(days=1)


@pytest.fixture
def gained(reader):
    """Give the reader access, so that there is something to tell."""
    with transaction() as session:
        make_comp(session, patron_id=reader[0])
    return reader[1]


def endpoint_of(session):
    return look(session, select(SiteEndpoint))[0]


def message_of(session):
    return look(session, select(Notification))[0]


def test_a_site_is_told_once_and_can_verify_it(site, gained, drain):
    drain()
    drain()
    path, headers, _ = site.requests[0]
    (told,) = site.messages()

    assert (path, headers["Content-Type"]) == ("/told", "application/json")
    assert headers["webhook-id"].startswith("msg_")
    assert (told["type"], told["data"]["subject"], told["data"]["state"]) == ("decision.changed", gained, "active")


def test_a_message_that_fails_is_tried_again_under_the_same_id_later(site, gained, drain, session):
    site.answers = [500, 302]
    drain()
    assert message_of(session).outcome == "500"
    for seconds in (6, 400):
        with time_machine.travel(utc_now() + timedelta(seconds=seconds)):
            drain()

    assert len({headers["webhook-id"] for _, headers, _ in site.requests}) == 1
    assert len(site.requests) == 3
    assert (message_of(session).attempts, message_of(session).outcome) == (3, "204")
    assert endpoint_of(session).failing_since is None


def test_a_server_that_is_away_is_a_failure_like_any_other(site, gained, drain, session):
    tell_at("http://127.0.0.1:1/")
    drain()

    assert message_of(session).outcome == "ConnectionRefusedError"
    assert message_of(session).next_at


def test_a_server_that_moved_inside_is_not_told(site, gained, drain, session):
    tell_at("http://10.0.0.1/")
    drain()

    assert message_of(session).outcome == "AddressRefused"


def test_after_three_days_of_failure_a_site_is_not_told_and_the_admins_are(site, gained, drain, session):
    make_staff(session, Role.ADMIN)
    make_staff(session, Role.EDITOR)
    session.commit()
    site.status = 500
    start = utc_now()
    for hours in (0, 1, 3, 9, 20, 35, 56, 82):
        with time_machine.travel(start + timedelta(hours=hours)):
            drain()

    assert endpoint_of(session).disabled_why == "500"
    assert look(session, select(Letter.kind)) == ["site_not_told"]
    assert acts(session) == ["site.webhook_disabled"]


def test_a_site_that_says_it_is_gone_is_not_told_again_until_it_is_enabled(site, reader, gained, drain, session):
    site.answers = [410]
    drain()
    with transaction() as current:
        make_comp(current, patron_id=reader[0], ends_at=utc_now() + 5 * DAY)
    drain()
    assert len(site.requests) == 1

    with transaction() as current:
        assert service.enable(current, service.get_endpoint(current, access.get_site(current, "daily")), utc_now()) == 1
        service_sweep = service.find_due(current, utc_now())
    with transaction() as current:
        for patron_id in service_sweep:
            service.tell_changes(current, patron_id, utc_now(), has_changed=False)
    drain()

    assert [version for _, version in site.told()] == [1, 1, 2]


def test_two_failures_at_once_disable_once(site, reader, gained, drain, session):
    with transaction() as current:
        make_comp(current, patron_id=reader[0], ends_at=utc_now() + 5 * DAY)
        service.tell_changes(current, reader[0], utc_now(), has_changed=True)
        service.put(current, 1, "connection.test", "{}", utc_now())
    messages = look(session, select(Notification.id))
    for message_id in messages:
        with transaction() as current:
            service.record(current, message_id, service.Outcome("410", 410), utc_now())

    assert acts(session) == ["site.webhook_disabled"]


def test_a_secret_is_changed_without_a_gap(site, reader, gained, drain):
    with transaction() as current:
        endpoint = service.get_endpoint(current, access.get_site(current, "daily"))
        new = service.rotate_secret(endpoint, sealer(), utc_now())
    drain()
    (_, headers, body) = site.requests[0]

    assert [bool(Webhook(secret).verify(body, headers)) for secret in (site.secret, new)] == [True, True]
    with time_machine.travel(utc_now() + DAY + timedelta(seconds=1)):
        assert service.secrets_of(endpoint, sealer(), utc_now()) == [new]


def test_secrets_are_sealed_in_the_database(site, session):
    assert site.secret not in endpoint_of(session).secret_sealed


def test_messages_are_sent_again_as_asked(site, gained, drain):
    drain()
    with transaction() as current:
        endpoint = service.get_endpoint(current, access.get_site(current, "daily"))
        counts = [service.send_again(current, endpoint, utc_now(), since=since) for since in (None, utc_now() - DAY)]
    drain()

    assert counts == [0, 1]
    assert [headers["webhook-id"] for _, headers, _ in site.requests] == [site.requests[0][1]["webhook-id"]] * 2


def test_what_was_told_is_forgotten_after_a_season_and_with_the_address(site, gained, drain, app, session):
    drain()
    with time_machine.travel(utc_now() + 91 * DAY):
        app.extensions["worker"].handlers["notifications.forget"]({})
    assert look(session, select(Notification)) == []

    with transaction() as current:
        service.put(current, 1, "connection.test", "{}", utc_now())
        service.remove_endpoint(current, access.get_site(current, "daily"))
    drain()

    assert look(session, select(SiteEndpoint)) == []
    with transaction() as current:
        service.record(current, 99, service.Outcome("204", 204), utc_now())


def test_the_last_attempt_is_the_last(site, gained, session):
    with transaction() as current:
        service.tell_changes(current, 99, utc_now(), has_changed=True)
        message = service.put(current, 1, "connection.test", "{}", utc_now())
        message.attempts = 9
    with transaction() as current:
        service.record(current, message.id, service.Outcome("500", 500), utc_now())
    (kept,) = look(session, select(Notification))

    assert (kept.attempts, kept.next_at) == (10, None)
