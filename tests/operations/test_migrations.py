"""From nothing to the newest revision is exactly what the code expects, on both databases."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from membership import db
from membership.db import Base
from membership.operations import migrations
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
