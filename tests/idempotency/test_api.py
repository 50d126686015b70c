"""A site sends its POST again: it is done once and answered alike, whatever happened to the first."""

import json
from datetime import timedelta

import pytest
import time_machine
from flask import Blueprint, Flask, abort, jsonify
from sqlalchemy import select, update

from membership.clock import utc_now
from membership.gateway.errors import GatewayUnreachable
from membership.idempotency import handlers, rules
from membership.idempotency.api import once, reference
from membership.idempotency.invariants import INVARIANTS
from membership.idempotency.models import IdempotentRequest, RequestStatus
from membership.tiers.errors import UnknownTier
from membership.web import csrf

I18 = INVARIANTS["I18 no stuck idempotent request"]


class Door:
    """A route that counts how often it is done, and does what it is told."""

    def __init__(self, app: Flask, *, keeps: bool = True) -> None:
        self.references: list[str | None] = []
        self.act = lambda: (jsonify(done=len(self.references)), 201, {"Location": "/made"})
        self.client, self.caller = app.test_client(), "site 1"
        bp = Blueprint("counted", __name__)
        csrf.exempt(bp)
        bp.post("/api/v1/counted")(once(lambda: self.caller, keeps=keeps)(self.counted))
        app.register_blueprint(bp)

    def counted(self):
        self.references.append(reference())
        return self.act()

    def post(self, key="key", **body):
        headers = {} if key is None else {"Idempotency-Key": key}
        return self.client.post("/api/v1/counted", headers=headers, **(body or {"json": {"a": 1}}))


@pytest.fixture
def door(app):
    return Door(app)


def rows(session):
    found = list(session.scalars(select(IdempotentRequest).execution_options(populate_existing=True)))
    session.rollback()
    return found


def test_a_request_that_is_sent_again_is_done_once_and_answered_alike(door, session):
    first, again = door.post('"key"'), door.post("key")

    assert (first.status_code, first.json, first.location) == (201, {"done": 1}, "/made")
    assert (again.status_code, again.data, again.location) == (201, first.data, "/made")
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(door.references) == 1
    (row,) = rows(session)
    assert "key" not in (row.key_hash, row.fingerprint)
    assert "done" not in row.answer_sealed


def test_what_is_asked_too_often_is_done_when_it_may_be(door):
    sound, door.act = door.act, lambda: abort(429)
    assert door.post().status_code == 429
    door.act = sound

    assert door.post().json == {"done": 2}


def test_what_fades_is_made_anew_under_the_same_reference(app):
    door = Door(app, keeps=False)
    assert [door.post().json["done"] for _ in range(2)] == [1, 2]
    assert len(set(door.references)) == 1
    door.act = lambda: abort(404)

    assert [door.post().headers.get("Idempotency-Replayed") for _ in range(2)] == [None, "true"]


def test_without_a_key_each_request_is_its_own(door, session):
    assert [door.post(None).json["done"], door.post(None).json["done"]] == [1, 2]
    assert door.references == [None, None]
    assert rows(session) == []


def test_another_key_and_another_caller_are_answered_for_themselves(door):
    door.post("one")
    door.post("two")
    door.caller = "site 2"
    door.post("one")

    assert len(set(door.references)) == 3


@pytest.mark.parametrize("body", [{"json": {"a": 2}}, {"json": {"a": 1}, "query_string": {"b": 1}}, {"data": {"a": 1}}])
def test_the_same_key_with_another_request_is_refused(door, body):
    door.post()
    answer = door.post(**body)

    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert answer.json["title"] == "IdempotencyKeyReused"
    assert len(door.references) == 1


def test_while_the_first_is_at_work_the_second_is_told_to_come_back(door):
    seen = []

    def act():
        seen.append(door.post())
        return jsonify(done=True)

    door.act = act
    answer = door.post()

    assert answer.json == {"done": True}
    assert (seen[0].status_code, seen[0].mimetype) == (409, "application/problem+json")
    assert (seen[0].json["title"], seen[0].headers["Retry-After"]) == ("RequestInProgress", "2")
    assert door.post().json == {"done": True}


def test_a_key_that_cannot_be_read_is_refused_and_nothing_is_done(door):
    answer = door.post("two words")

    assert (answer.status_code, answer.json["title"]) == (400, "IdempotencyKeyUnreadable")
    assert door.references == []


@pytest.mark.parametrize(("refusal", "status"), [(UnknownTier, 404), (lambda: abort(403), 403)])
def test_a_refusal_is_refused_again_in_the_same_words(door, refusal, status):
    def act():
        if refusal is UnknownTier:
            raise UnknownTier
        refusal()

    door.act = act
    first, again = door.post(), door.post()

    assert (first.status_code, again.status_code) == (status, status)
    assert first.data == again.data
    assert again.mimetype == "application/problem+json"
    assert len(door.references) == 1


def test_a_failure_of_ours_is_not_kept_and_the_next_begins_again_under_the_same_reference(door):
    def fail():
        raise GatewayUnreachable

    sound, door.act = door.act, fail
    assert door.post().status_code == 502

    door.act = sound
    assert door.post().json == {"done": 2}
    assert len(set(door.references)) == 1


def test_a_bug_leaves_nothing_that_keeps_the_next_away(door):
    def fail():
        raise LookupError

    sound, door.act = door.act, fail
    with pytest.raises(LookupError):
        door.post()

    door.act = sound
    assert door.post().json == {"done": 2}


def test_what_a_killed_process_left_is_taken_over_when_its_lease_ends(door, session):
    session.add(left := stuck())
    session.commit()
    assert door.post().status_code == 409

    session.execute(update(IdempotentRequest).values(leased_until=utc_now()))
    session.commit()

    assert door.post().json == {"done": 1}
    assert door.references == [left.reference]
    assert door.post().headers["Idempotency-Replayed"] == "true"


def test_a_slow_first_does_not_undo_the_answer_of_the_one_that_took_over(door, session):
    def slow():
        session.execute(update(IdempotentRequest).values(leased_until=utc_now()))
        session.commit()
        door.act = lambda: jsonify(by="second")
        assert door.post().json == {"by": "second"}
        return jsonify(by="first")

    door.act = slow

    assert door.post().json == {"by": "first"}
    assert door.post().json == {"by": "second"}


def test_a_key_is_free_again_after_a_day(door, session):
    door.post()
    with time_machine.travel(utc_now() + rules.KEPT, tick=False):
        assert door.post(json={"a": 2}).json == {"done": 2}
    assert len(set(door.references)) == 2


def test_an_answer_sealed_with_a_forgotten_secret_is_not_guessed_and_nothing_is_done_again(door, session):
    door.post()
    foreign = rules.sealer(["another"], "key").encrypt(json.dumps([200, [], ""]).encode()).decode()
    session.execute(update(IdempotentRequest).values(answer_sealed=foreign))
    session.commit()

    answer = door.post()
    assert (answer.status_code, answer.json["title"], len(door.references)) == (409, "AnswerUnreadable", 1)
    assert "What it did is done" in answer.json["detail"]


def stuck(**fields):
    mark = rules.fingerprint("POST", "/api/v1/counted?", b'{"a": 1}')
    defaults = {"key_hash": rules.key_hash("site 1", "key"), "fingerprint": mark, "reference": "the-first"}
    defaults |= {"status": RequestStatus.STARTED, "attempt": "gone", "leased_until": utc_now() + rules.LEASE}
    defaults |= {"created_at": utc_now(), "expires_at": utc_now() + rules.KEPT}
    return IdempotentRequest(**(defaults | fields))


def test_the_worker_gives_up_what_is_left_and_forgets_what_is_old(context, session):
    ago = utc_now() - timedelta(hours=1)
    session.add_all([stuck(leased_until=ago), stuck(key_hash="old", reference="old", expires_at=ago)])
    session.commit()
    assert len(I18(session)) == 1
    session.rollback()

    handlers.sweep({})

    assert [row.status for row in rows(session)] == [RequestStatus.ABANDONED]
    assert I18(session) == []


# They change nothing, so that an old answer would only be wrong; or a browser's wish, which is the same when repeated.
REPEATABLE = {"/api/v1/access", "/api/v1/access/batch", "/access/later"}


def test_every_post_of_the_api_that_changes_something_may_be_sent_again(app):
    posts = [rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())]
    of_programs = [rule for rule in posts if rule.rule.startswith(("/api/", "/access/"))]

    assert of_programs
    missing = [rule.rule for rule in of_programs if not hasattr(app.view_functions[rule.endpoint], "is_once")]
    assert set(missing) == REPEATABLE, "put @once_per_site below these routes"
