from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from membership.clock import utc_now
from membership.notifications import rules

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


def test_the_library_of_the_standard_verifies_what_we_sign():
    secret, body = rules.new_secret(), b'{"type":"decision.changed"}'
    headers = rules.headers_for(rules.new_message_id(), body, [secret], utc_now())

    assert Webhook(secret).verify(body, headers) == {"type": "decision.changed"}
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body + b" ", headers)


def test_while_secrets_change_both_verify_and_a_third_does_not():
    old, new = rules.new_secret(), rules.new_secret()
    headers = rules.headers_for("msg_1", b"{}", [new, old], utc_now())

    assert [Webhook(secret).verify(b"{}", headers) for secret in (old, new)] == [{}, {}]
    with pytest.raises(WebhookVerificationError):
        Webhook(rules.new_secret()).verify(b"{}", headers)


def test_a_message_is_tried_ten_times_in_some_three_days():
    delays = [rules.next_delay(attempts, "msg_1", None) for attempts in range(1, 11)]

    assert delays[-1] is None
    total = sum(delays[:-1], timedelta())
    assert timedelta(hours=75) < total < timedelta(hours=84)
    assert delays[:-1] == sorted(delays[:-1])


def test_a_site_that_asks_for_time_gets_it_up_to_a_day():
    asked = [rules.next_delay(1, "msg_1", timedelta(hours=hours)) for hours in (1, 1000)]

    assert asked == [timedelta(hours=1), timedelta(days=1)]


def test_what_is_told_is_short_and_names_nobody():
    told = rules.Told("active", "friend", ("no_ads", "vote"), NOW)

    assert rules.write_change("abc", told, 3, NOW) == (
        '{"type":"decision.changed","timestamp":"2026-11-28T12:00:00+00:00","data":{"subject":"abc","version":3,'
        '"state":"active","tier":"friend","flags":["no_ads","vote"],"valid_until":"2026-11-28T12:00:00+00:00"}}'
    )
