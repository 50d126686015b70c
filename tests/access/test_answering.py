"""An answer is given again only while nothing was committed, by this process or by another."""

from dataclasses import replace
from time import monotonic

import pytest
import time_machine
from sqlalchemy import create_engine

from membership.access import service
from membership.access.rules import decide
from membership.access.service import Given, GivenAnswers, NotAnswered, answering, version_of
from membership.clock import utc_now
from membership.patrons.models import Patron
from tests.access.asking import bearer, counting, register
from tests.factories import make_patron, make_subscription

NAME = (1, "reader")


@pytest.fixture
def site(session):
    return register(session)


@pytest.fixture
def reader(session, site):
    patron = make_subscription(session).patron
    subject = service.subject_of(session, site[0].id, patron.id)
    session.commit()
    return patron, subject


@pytest.fixture
def ask(client, site, reader):
    def asked(**headers):
        return client.get(f"/api/v1/access/{reader[1]}", headers=bearer(site[1]) | headers)

    asked()
    asked()
    return asked


def test_an_answer_that_was_given_is_given_again_without_a_query(app, ask):
    with counting(app) as sent:
        first, again = ask(), ask()

    assert len(sent) <= 1
    assert first.json == again.json


def test_what_this_process_commits_is_told_at_once(ask, session, reader):
    before = ask()
    service.ban_patron(session, reader[0].id, reason="Threats", now=utc_now())
    session.commit()
    after = ask()

    assert (before.json["state"], after.json["state"]) == ("active", "ended")
    assert before.headers["ETag"] != after.headers["ETag"]


def test_what_another_process_commits_is_told_after_a_look(ask, reader, database_url, monkeypatch):
    ask()
    other = create_engine(database_url)
    with other.begin() as connection:
        connection.exec_driver_sql(f"UPDATE patrons SET email = NULL WHERE id = {reader[0].id}")
    other.dispose()
    monkeypatch.setattr(answering, "monotonic", lambda: monotonic() + answering.LOOKED_EVERY)

    assert ask().json["state"] == "none"


def test_a_kept_answer_grows_old_honestly(ask):
    with time_machine.travel(utc_now(), tick=False) as clock:
        first = ask()
        clock.shift(10)
        # The key is looked for again first, and the answer not given from what is kept.
        ask()
        second = ask()
        clock.shift(25)
        ask()
        third = ask()

    ages = [int(answer.headers["Cache-Control"].rpartition("=")[2]) for answer in (first, second, third)]
    assert (ages[0] - ages[1], first.json["fresh_until"] == second.json["fresh_until"]) == (10, True)
    assert third.json["fresh_until"] > first.json["fresh_until"]


def test_what_the_site_has_already_is_not_sent_again(ask):
    etag = ask().headers["ETag"]
    same, listed, other = (ask(**{"If-None-Match": sent}) for sent in (etag, f'"a", {etag}', '"a"'))

    assert [(answer.status_code, bool(answer.data)) for answer in (same, listed, other)] == [
        (304, False),
        (304, False),
        (200, True),
    ]
    assert same.headers["ETag"] == etag
    assert "Content-Length" not in same.headers


class Database:
    """A database whose version is told as a test wishes; None does not answer."""

    def __init__(self):
        self.version, self.asked = 1, 0

    def __call__(self):
        self.asked += 1
        if self.version is None:
            raise NotAnswered
        return self.version


@pytest.fixture
def database():
    return Database()


@pytest.fixture
def given(database):
    now = utc_now()
    given = GivenAnswers(database)
    given.page()[NAME] = Given(decide([], now), now)
    return given


def test_the_database_is_asked_seldom_and_after_an_own_commit_at_once(given, database):
    for _ in range(3):
        assert given.recall(NAME, utc_now())
    before = database.asked
    given.look_soon()

    assert given.recall(NAME, utc_now())
    assert (before, database.asked) == (1, 2)


@pytest.mark.parametrize("version", [2, None])
def test_nothing_is_given_again_after_a_change_or_without_an_answer(given, database, version):
    database.version = version
    given.look_soon()

    assert given.recall(NAME, utc_now()) is None


def test_what_was_read_before_a_change_is_not_kept_after_it(given, database):
    page = given.page()
    database.version = 2
    given.look_soon()
    given.recall(NAME, utc_now())
    page[NAME] = replace(page[NAME], at=utc_now())

    assert given.recall(NAME, utc_now()) is None


def test_who_finds_another_looking_goes_on(given, database):
    given.look_soon()
    with given._looking:
        assert given.recall(NAME, utc_now())

    assert database.asked == 1


def test_memory_is_bounded(given, monkeypatch):
    monkeypatch.setattr(answering, "MOST_KEPT", 1)

    assert given.page() == {}


def test_a_database_that_does_not_answer_says_so(tmp_path):
    gone = create_engine(f"sqlite:///{tmp_path}/nowhere/none.db")
    refusing = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/none", connect_args={"connect_timeout": 1})
    for engine in (gone, refusing):
        with pytest.raises(NotAnswered):
            version_of(engine)()


def test_the_version_changes_with_a_commit_and_with_nothing_else(app, session):
    version = version_of(app.extensions["reader"])
    first, same = version(), version()
    make_patron(session)
    session.commit()
    changed = version()

    assert first == same != changed == version()
    assert session.query(Patron).count() == 1
