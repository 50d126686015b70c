"""From nothing to the newest revision is exactly what the code expects, on both databases."""

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from sqlalchemy import MetaData, Table, inspect, select, text
from sqlalchemy.exc import IntegrityError

from membership import db
from membership.db import Base
from membership.operations import migrations
from membership.voting.rules import publish, read_result, whole
from tests.databases import postgres_url

NOW = {"now": datetime(2026, 11, 3, tzinfo=UTC).isoformat(" ")}


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request, tmp_path, worker_id):
    url = f"sqlite:///{tmp_path}/empty.db" if request.param == "sqlite" else postgres_url(f"empty_{worker_id}")
    engine = db.make_engine(url)
    yield engine
    engine.dispose()


def _constraints(engine):
    look = inspect(engine)
    tables = set(look.get_table_names()) - {"alembic_version"}
    return {
        table: (
            sorted(check["name"] for check in look.get_check_constraints(table)),
            sorted(unique["name"] for unique in look.get_unique_constraints(table)),
            sorted((index["name"], index["unique"]) for index in look.get_indexes(table)),
            sorted(key["name"] for key in look.get_foreign_keys(table)),
        )
        for table in tables
    }


def _triggers(engine):
    query = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    }[engine.dialect.name]
    with engine.connect() as connection:
        return sorted(connection.scalars(text(query)))


def test_upgrading_from_nothing_gives_what_the_models_say(empty):
    migrations.upgrade(empty)

    assert migrations.differences(empty) == []
    assert migrations.is_current(empty)


def test_constraints_indexes_and_triggers_are_those_of_the_models(empty, tmp_path, worker_id):
    migrations.upgrade(empty)
    migrated = _constraints(empty), _triggers(empty)
    twin = f"sqlite:///{tmp_path}/twin.db"
    if empty.dialect.name == "postgresql":
        twin = postgres_url(f"twin_{worker_id}")
    made = db.make_engine(twin)
    Base.metadata.create_all(made.execution_options(writes=True))

    assert migrated == (_constraints(made), _triggers(made))
    made.dispose()


def test_an_empty_database_is_not_current(empty):
    assert not migrations.is_current(empty)


def test_upgrading_twice_changes_nothing(empty):
    migrations.upgrade(empty)
    migrations.upgrade(empty)

    assert migrations.is_current(empty)


def test_what_was_booked_before_an_upgrade_is_there_after_it(empty):
    migrations.upgrade(empty, "0001")
    with empty.execution_options(writes=True).begin() as connection:
        connection.execute(text("INSERT INTO journal_transactions VALUES (7, 'c', 'payment', :now, :now, NULL)"), NOW)
        for entry in ("(1, 7, 'stripe', 5, 'eur')", "(2, 7, 'fees', -5, 'eur')"):
            connection.execute(text(f"INSERT INTO entries VALUES {entry}"))

    migrations.upgrade(empty)

    with empty.execution_options(writes=True).begin() as connection:
        assert connection.scalars(text("SELECT account FROM entries ORDER BY id")).all() == ["stripe", "fees"]
        connection.execute(text("INSERT INTO entries VALUES (3, 7, 'exchange', 5, 'eur')"))
        with pytest.raises(IntegrityError):
            connection.execute(text("INSERT INTO entries VALUES (4, 8, 'exchange', 5, 'eur')"))


def _hold_a_vote(connection, state):
    day = "2026-01-01 00:00:00+00:00"
    texts = {"title": "{}", "intro": "{}", "why": "{}", "day": day, "later": "2026-02-01 00:00:00+00:00"}
    for number in (1, 2):
        topic = f"VALUES ({number}, 'topic-{number}', :title, :why, '{state}', :day)"
        connection.execute(text(f"INSERT INTO topics (id, slug, title, why, state, created_at) {topic}"), texts)
    names = "id, slug, title, intro, method, state, seats, tie_seed, opens_at, closes_at, opened_at, closed_at, result"
    round = "1, 'winter', :title, :intro, 'approval', 'closed', 1, '5eed', :day, :later, :day, :later, :result"
    topic = {"slug": "topic-1", "weighted": 3, "persons": 1, "is_chosen": True, "is_chosen_by_persons": True}
    told = {"format": "membership.round/1", "tally": {"ballots": 2, "weight": 4, "topics": [topic], "tied": []}}
    connection.execute(text(f"INSERT INTO rounds ({names}) VALUES ({round})"), texts | {"result": json.dumps(told)})
    for number, weight in ((1, 1), (2, 3)):
        ballot = f"VALUES ({number}, 1, 'receipt-{number}', {weight}, '[]')"
        connection.execute(text(f"INSERT INTO ballots (id, round_id, receipt, weight, marks) {ballot}"))
    connection.execute(text("INSERT INTO round_topics (round_id, topic_id, position) VALUES (1, 1, 0), (1, 2, 1)"))


def _stored_result(connection):
    stored = connection.scalar(text("SELECT result FROM rounds"))
    return json.loads(stored) if isinstance(stored, str) else stored


def _serve_its_record(connection):
    body = publish(whole(_stored_result(connection), None), None).decode()
    record = {"round_id": 1, "sha256": "as it was", "body": body}
    connection.execute(text("INSERT INTO round_records VALUES (:round_id, :sha256, :body)"), record)


def test_a_vote_that_was_held_before_comes_through_and_is_public(empty):
    migrations.upgrade(empty, "0001")
    with empty.execution_options(writes=True).begin() as connection:
        _hold_a_vote(connection, "chosen")
    migrations.upgrade(empty, "0097")
    with empty.execution_options(writes=True).begin() as connection:
        _serve_its_record(connection)
    migrations.upgrade(empty)

    with empty.connect() as connection:
        rounds = connection.execute(text("SELECT state, published_at = closed_at, method FROM rounds")).all()
        assert [tuple(row) for row in rounds] == [("published", True, "approval")]
        assert connection.scalar(text("SELECT count(*) FROM round_topics")) == 2
        stored, served = _stored_result(connection), connection.scalar(text("SELECT body FROM round_records"))
        assert (read_result(stored).chosen, stored["tally"]["ballots"]) == (["topic-1"], None)
        assert served.encode() == publish(whole(stored, None), None)
        assert connection.scalar(text("SELECT sha256 FROM round_records")) == sha256(served.encode()).hexdigest()
        if empty.dialect.name == "sqlite":
            assert connection.scalar(text("PRAGMA foreign_keys")) == 1


def test_counts_that_few_of_a_weight_had_are_kept_back_with_the_weight_of_the_roll(empty):
    migrations.upgrade(empty, "0103")
    with empty.execution_options(writes=True).begin() as connection:
        _hold_counted_votes(connection)
    migrations.upgrade(empty)

    with empty.connect() as connection:
        rounds = Table("rounds", MetaData(), autoload_with=connection).c
        found = connection.execute(select(rounds.slug, rounds.result, rounds.standing)).all()
        served = connection.scalar(text("SELECT body FROM round_records"))
    results, standings = ({row[0]: row[place] for row in found} for place in (1, 2))
    heavy, even = results["heavy"], results["even"]
    assert (heavy["fewer_with_a_weight_than"], heavy["tally"]["ballots"], heavy["turnout"]) == (5, None, [])
    assert served.encode() == publish(whole(heavy, None), None)
    assert (even["tally"]["ballots"], even["roll"]) == (12, {"members": 47})
    assert even["turnout"] == [{"tier": "others", "members": 47, "voted": 12}]
    assert (standings["live"]["cast"], standings["telling"]) == ({"1": 20}, None)


def _hold_counted_votes(connection):
    topic = {"slug": "water", "weighted": 15, "persons": 9, "is_chosen": True, "is_chosen_by_persons": True}
    tally = {"ballots": 12, "weight": 15, "needed": 0, "topics": [topic], "tied": []}
    turnout = [{"tier": "a", "members": 27, "voted": 7}, {"tier": "others", "members": 20, "voted": 5}]
    roll = {"members": 47, "weight": 78}
    told = {
        "topics": [{"slug": "water"}],
        "roll": roll,
        "listed": False,
        "turnout": turnout,
        "tally": tally,
        "steps": 0,
    }
    _hold_round(connection, "heavy", {1: 11, 3: 1}, result=told)
    _hold_round(connection, "even", {1: 12}, result=told)
    _hold_round(connection, "live", {1: 20}, standing={"tally": tally})
    _hold_round(connection, "telling", {1: 20, 3: 1}, standing={"tally": {"topics": [topic | {"persons": None}]}})
    body = publish(whole(told, None), None).decode()
    heavy = "SELECT id, 'as it was', :body FROM rounds WHERE slug = 'heavy'"
    connection.execute(text(f"INSERT INTO round_records (round_id, sha256, body) {heavy}"), {"body": body})


def _hold_round(connection, slug, ballots, **told):
    rounds, papers = (Table(name, MetaData(), autoload_with=connection) for name in ("rounds", "ballots"))
    day, is_over = datetime(2026, 1, 1), "result" in told  # noqa: DTZ001
    fields = {"slug": slug, "title": {}, "intro": {}, "method": "single", "seats": 1, "tie_seed": "s", "flags": []}
    fields |= {"quorum_percent": 0, "min_months": 0, "hold_hours": 0, "tiers": [], "weights": {}, "extensions": []}
    fields |= {"is_anonymous": True, "is_open_roll": False, "is_live": not is_over, "opened_at": day, "opens_at": day}
    fields |= {"closes_at": day + timedelta(days=7), "state": "published" if is_over else "open"}
    fields |= dict.fromkeys(("closed_at", "published_at"), day + timedelta(days=7)) if is_over else {}
    [number] = connection.execute(rounds.insert().values(**fields, **told)).inserted_primary_key
    cast = [(weight, f"{slug}-{weight}-{one}") for weight, most in ballots.items() for one in range(most)]
    rows = [{"round_id": number, "weight": weight, "receipt": receipt, "marks": []} for weight, receipt in cast]
    connection.execute(papers.insert(), rows)


@pytest.mark.parametrize("empty", ["postgresql"], indirect=True)
def test_what_an_ended_upgrade_left_to_look_through_is_looked_through_by_the_next(empty):
    migrations.upgrade(empty)
    rule = text("ALTER TABLE topics ADD CONSTRAINT ck_topics_later CHECK (id > 0) NOT VALID")
    left = text("SELECT count(*) FROM pg_constraint WHERE NOT convalidated")
    with empty.begin() as connection:
        connection.execute(rule)
        assert connection.scalar(left) == 1
    migrations.upgrade(empty)

    with empty.connect() as connection:
        assert connection.scalar(left) == 0
