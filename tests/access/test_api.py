from datetime import timedelta

import pytest
import time_machine

from membership.access import service
from membership.access.models import SiteKey
from membership.access.service.site_keys import USE_NOTED_EVERY
from membership.clock import utc_now
from membership.patrons.models import Role, StaffRole
from tests.access.asking import bearer, counting, register, sign_in
from tests.factories import make_patron, make_price, make_subscription, make_tier


@pytest.fixture
def site(session):
    return register(session)


@pytest.fixture
def reader(session, site):
    """Give a patron who pays, by the name that the site has for her."""
    price = make_price(session, tier=make_tier(session, slug="friend", flags=["vote", "no_ads"]))
    patron = make_subscription(session, price=price).patron
    subject = service.subject_of(session, site[0].id, patron.id)
    session.commit()
    return subject


@pytest.fixture
def ask(client, site):
    def asked(subject, key=None, **headers):
        return client.get(f"/api/v1/access/{subject}", headers=bearer(key or site[1]) | headers)

    return asked


def test_a_site_is_told_what_a_reader_may_have(ask, reader):
    answer = ask(reader)

    assert answer.status_code == 200
    assert answer.json["subject"] == reader
    assert (answer.json["state"], answer.json["tier"], answer.json["ask"]) == ("active", "friend", "none")
    assert (answer.json["flags"], answer.json["sources"]) == (["no_ads", "vote"], ["subscription"])
    assert answer.json.keys() == {
        *("subject", "state", "sources", "tier", "flags", "ask", "valid_until", "fresh_until"),
    }


def test_the_answer_may_be_kept_for_as_long_as_it_is_fresh_and_by_the_site_alone(ask, reader):
    headers = ask(reader).headers

    assert headers["Cache-Control"] in {"private, max-age=60", "private, max-age=59"}
    assert headers["Vary"] == "Authorization"
    assert "Set-Cookie" not in headers


def test_an_unchanged_answer_is_not_sent_again(ask, reader):
    etag = ask(reader).headers["ETag"]
    again = ask(reader, **{"If-None-Match": etag})

    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == etag
    assert "max-age" in again.headers["Cache-Control"]


def test_a_changed_answer_is_sent(session, ask, reader):
    etag = ask(reader).headers["ETag"]
    patron_id = service.patron_behind(session, 1, reader)
    tier = make_tier(session, flags=["archive"])
    service.grant_comp(session, patron_id, tier.slug, ends_at=utc_now() + timedelta(days=1), reason="x", now=utc_now())
    session.commit()

    assert ask(reader, **{"If-None-Match": etag}).json["flags"] == ["archive", "no_ads", "vote"]


def test_an_answer_costs_one_query_once_the_key_is_known(app, ask, reader):
    for _ in range(2):
        etag = ask(reader).headers["ETag"]
    with counting(app) as sent:
        ask(reader, **{"If-None-Match": etag})
        ask("nobody" * 4)

    assert len(sent) <= 3, "one, and for a stranger one for each way"


@pytest.mark.parametrize("subject", ["nobody", "x" * 65, "a%00b", "a b", "%D1%8F"])
def test_a_stranger_is_not_found(ask, subject):
    answer = ask(subject)

    assert answer.status_code in {400, 404}
    assert answer.content_type == "application/problem+json"


def test_another_sites_reader_looks_like_a_stranger(session, ask, reader):
    _, other = register(session, "other")
    foreign, unknown = ask(reader, other), ask("nobody", other)

    assert foreign.status_code == unknown.status_code == 404
    assert {**foreign.json, "request_id": ""} == {**unknown.json, "request_id": ""}


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer ", "Bearer guess", "Basic abc", "bearer", "Bearer é"])
def test_whoever_shows_no_key_is_refused(client, reader, given):
    answer = client.get(f"/api/v1/access/{reader}", headers={"Authorization": given})

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_readers_cookie_opens_no_door_of_a_site(client, session, reader):
    patron = make_patron(session)
    session.add(StaffRole(patron_id=patron.id, role=Role.ADMIN, totp_confirmed_at=utc_now(), created_at=utc_now()))
    sign_in(client, session, patron)

    assert client.get(f"/api/v1/access/{reader}").status_code == 401
    assert client.post("/access/pass", json={"subject": reader}).status_code == 401
    assert client.post("/access/token", json={}).status_code == 401


def test_a_sites_key_opens_no_door_of_a_reader(client, site):
    for path in ("/access/verify", "/access/pass"):
        assert client.get(path, headers=bearer(site[1])).status_code in {401, 403}


def test_only_the_hash_of_a_key_is_kept(session, site):
    assert site[1] not in str(session.query(SiteKey.key_hash).all())


def test_a_key_that_was_rotated_away_stops_after_its_overlap(session, ask, reader, site):
    new = service.rotate_key(session, site[0], utc_now())
    session.commit()
    now = [ask(reader).status_code, ask(reader, new).status_code]
    with time_machine.travel(utc_now() + timedelta(hours=24, minutes=1)):
        later = [ask(reader).status_code, ask(reader, new).status_code]

    assert (now, later) == ([200, 200], [401, 200])


def test_a_key_that_was_pulled_at_once_stops_within_a_minute(session, ask, reader, site):
    ask(reader)
    service.rotate_key(session, site[0], utc_now(), overlap=timedelta())
    session.commit()
    with time_machine.travel(utc_now() + timedelta(seconds=61)):
        assert ask(reader).status_code == 401


def test_the_use_of_a_key_is_noted_once_an_hour(session, ask, reader):
    def noted():
        found = session.query(SiteKey.last_used_at).scalar()
        session.rollback()
        return found

    with time_machine.travel(utc_now(), tick=False):
        ask(reader)
        first = noted()
    with time_machine.travel(first + USE_NOTED_EVERY - timedelta(seconds=1), tick=False):
        ask(reader)
        second = noted()
    with time_machine.travel(first + USE_NOTED_EVERY, tick=False):
        ask(reader)

        assert (second, noted()) == (first, first + USE_NOTED_EVERY)


def test_the_known_keys_are_bounded(session, site, monkeypatch):
    monkeypatch.setattr("membership.access.service.asking.MOST_REMEMBERED", 1)
    known = service.KnownKeys()
    other = register(session, "other")[1]

    found = [known.find(session, key, utc_now()).audience for key in (site[1], other)]

    assert found == ["aud-daily", "aud-other"]
    assert known.recall(site[1], utc_now()) is None
    assert known.recall(other, utc_now())


def test_what_was_just_paid_counts_at_once(session, ask, reader):
    subject = service.subject_of(session, 1, (patron := make_patron(session)).id)
    session.commit()
    before = ask(subject).json["state"]
    make_subscription(session, patron=patron)
    session.commit()

    assert (before, ask(subject).json["state"]) == ("none", "active")


def test_a_body_nested_without_end_is_refused_like_any_other_that_cannot_be_read(client, site):
    answer = client.post("/access/pass", data="[" * 100_000, content_type="application/json", headers=bearer(site[1]))

    assert answer.status_code == 400
