"""The short way says what the route says, and leaves to it whatever is not plain."""

import shutil

import pytest
import time_machine
from sqlalchemy import text

from membership.access import service
from membership.access.service import NotAnswered
from membership.access.service.asking import REMEMBERED_FOR
from membership.clock import utc_now
from tests.access.asking import bearer, register
from tests.factories import make_comp, make_patron, make_subscription

VARYING = {"X-Request-Id", "Content-Length"}


@pytest.fixture
def site(session):
    return register(session)


@pytest.fixture
def reader(session, site):
    patron = make_subscription(session).patron
    make_comp(session, patron_id=patron.id)
    subject = service.subject_of(session, site[0].id, patron.id)
    session.commit()
    return subject


@pytest.fixture
def flask_asked(app):
    """Collect the paths that got past the short way."""
    asked = []
    app.before_request_funcs[None].insert(0, lambda: asked.append("asked"))
    return asked


@pytest.fixture
def ask(client, site):
    def asked(subject, key=None, **headers):
        return client.get(f"/api/v1/access/{subject}", headers=bearer(key or site[1]) | headers)

    return asked


def test_both_ways_say_the_same(ask, reader):
    with time_machine.travel(utc_now(), tick=False):
        by_route, by_short_way = ask(reader), ask(reader)

    assert by_short_way.json == by_route.json
    assert (by_short_way.status_code, by_short_way.content_type) == (200, by_route.content_type)
    told, short = ({k: v for k, v in answer.headers if k not in VARYING} for answer in (by_route, by_short_way))
    assert short == told


def test_a_key_that_asked_lately_takes_the_short_way(ask, reader, flask_asked):
    for _ in range(3):
        ask(reader)

    assert flask_asked == ["asked"]


def test_a_patron_without_anything_is_known_all_the_same(ask, session, site):
    subject = service.subject_of(session, site[0].id, make_patron(session).id)
    session.commit()

    assert [ask(subject).json["state"] for _ in range(2)] == ["none", "none"]


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("nobody", {}),
        ("a b", {}),
        ("", {}),
        ("nobody", {"Authorization": "Basic abc"}),
        ("nobody", {"Authorization": "Bearer guess"}),
        ("nobody", {"Host": "elsewhere.test"}),
    ],
)
def test_refusals_are_left_to_the_route(ask, reader, flask_asked, path, headers):
    ask(reader)
    answer = ask(path, **headers)

    assert answer.status_code >= 400
    assert len(flask_asked) == 2


def test_questions_that_are_not_plain_are_left_to_the_route(ask, client, site, reader, flask_asked):
    etag = ask(reader).headers["ETag"]

    head = client.head(f"/api/v1/access/{reader}", headers=bearer(site[1]))
    known = client.head(f"/api/v1/access/{reader}", headers=bearer(site[1]) | {"If-None-Match": etag})

    assert (head.status_code, known.status_code, head.headers["ETag"]) == (200, 304, etag)
    assert len(flask_asked) == 3


def test_a_key_is_looked_up_again_after_a_minute(ask, reader, flask_asked):
    ask(reader)
    with time_machine.travel(utc_now() + REMEMBERED_FOR):
        ask(reader)

    assert len(flask_asked) == 2


def test_a_database_that_does_not_answer_is_told_by_the_route(app, session, ask, reader, flask_asked):
    ask(reader)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    session.execute(text("ALTER TABLE site_subjects RENAME TO away"))
    session.commit()
    answer = ask(reader)
    session.execute(text("ALTER TABLE away RENAME TO site_subjects"))
    session.commit()

    assert (answer.status_code, answer.content_type) == (500, "application/problem+json")
    assert len(flask_asked) == 2


def test_a_prepared_query_tells_that_the_database_is_away(app, session, reader):
    causes = service.prepare_causes(app.extensions["reader"])
    session.execute(text("ALTER TABLE site_subjects RENAME TO away"))
    session.commit()
    with pytest.raises(NotAnswered):
        causes.ask(site_id=1, subject=reader)
    session.execute(text("ALTER TABLE away RENAME TO site_subjects"))
    session.commit()


def test_a_prepared_query_reads_what_the_other_reads(app, session, site, reader):
    now = utc_now()
    rows = service.prepare_causes(app.extensions["reader"]).ask(site_id=site[0].id, subject=reader)
    with app.extensions["reader"].connect() as connection:
        expected = service.decide_for_subject(connection, site[0].id, reader, now)

    assert service.decide_from(rows, now) == expected


# Only the one that has asked: the test's own go on.
END = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND query LIKE :asked"


def test_a_prepared_query_outlives_its_connection(app, session, site, reader):
    causes = service.prepare_causes(app.extensions["reader"])
    first = causes.ask(site_id=site[0].id, subject=reader)
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(END), {"asked": "SELECT subscriptions.patron_id%is_erased%"})
    else:
        app.extensions["engine"].dispose()

    assert causes.ask(site_id=site[0].id, subject=reader) == first


BODIES = {
    "form": {"data": "subject={}", "content_type": "application/x-www-form-urlencoded"},
    "json": {"data": '{{"subject": "{}"}}', "content_type": "application/json"},
}


def renew(client, site, body, subject, **headers):
    sent = BODIES[body] | {"data": BODIES[body]["data"].format(subject)}
    return client.post("/access/pass", headers=bearer(site[1]) | headers, **sent)


@pytest.mark.parametrize("body", BODIES)
def test_a_pass_is_the_same_by_both_ways(client, site, reader, flask_asked, body):
    with time_machine.travel(utc_now(), tick=False):
        by_route, by_short_way = (renew(client, site, body, reader) for _ in range(2))

    assert flask_asked == ["asked"]
    claims = [answer.json["pass"].rpartition(".")[0] for answer in (by_route, by_short_way)]
    assert claims[0] == claims[1]
    assert by_short_way.json | {"pass": ""} == by_route.json | {"pass": ""}
    told, short = ({k: v for k, v in answer.headers if k not in VARYING} for answer in (by_route, by_short_way))
    assert short == told


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"data": {"subject": "nobody"}}, 404),
        ({"data": {"other": "nobody"}}, 400),
        ({"json": {"subject": "x" * 300}}, 400),
        ({"json": {"subject": ["nobody"]}}, 400),
        ({"data": b"{", "content_type": "application/json"}, 400),
        ({"data": "subject=nobody", "content_type": "text/plain"}, 400),
        ({"data": {"subject": "nobody"}, "headers": {"Idempotency-Key": "once-and-again"}}, 404),
    ],
)
def test_wishes_for_a_pass_that_are_not_plain_are_left_to_the_route(
    client, ask, site, reader, flask_asked, sent, status
):
    ask(reader)
    answer = client.post("/access/pass", **sent | {"headers": bearer(site[1]) | sent.get("headers", {})})

    assert (answer.status_code, len(flask_asked)) == (status, 2)


def test_a_pass_is_asked_for_with_a_key(client, ask, reader, flask_asked):
    ask(reader)

    assert client.post("/access/pass", data={"subject": reader}).status_code == 401


def test_without_a_usable_folder_no_pass_is_signed(client, site, reader, settings, app):
    app.config["PROPAGATE_EXCEPTIONS"] = False
    renew(client, site, "form", reader)
    shutil.rmtree(settings.pass_keys_dir)
    settings.pass_keys_dir.write_text("not a folder")

    assert renew(client, site, "form", reader).status_code == 500
