"""Alive, ready, and what waits."""

import pytest
from sqlalchemy import text

from membership import create_app
from membership.clock import utc_now
from membership.gateway.memory import MemoryGateway
from membership.jobs.service import beat
from membership.operations import migrations
from membership.operations.revisions import newest
from tests.conftest import make_settings


@pytest.fixture
def migrated(app, session):
    """Pretend that the tables were made by the migrations, which they equal."""
    (head,) = newest(migrations.MIGRATIONS / "versions")
    session.execute(text("CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32) PRIMARY KEY)"))
    session.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": head})
    session.commit()
    yield
    session.execute(text("DROP TABLE alembic_version"))
    session.commit()


def test_alive_asks_nobody(client):
    assert client.get("/healthz").json == {"status": "alive"}


def test_ready_when_the_schema_is_new_and_a_worker_lives(client, migrated, session):
    beat(session, "worker", utc_now())
    session.commit()

    assert client.get("/readyz").json == {"status": "ready", "missing": []}


def test_not_ready_without_a_worker(client, migrated):
    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json["missing"] == ["No worker was seen in the last two minutes."]


def test_not_ready_behind_the_newest_revision(client):
    assert client.get("/readyz").json["missing"] == ["The database is not at the newest revision."]


def test_not_ready_without_a_database(tmp_path):
    app = create_app(make_settings(database_url=f"sqlite:///{tmp_path}/no/such.db"), MemoryGateway(webhook_secrets=[]))
    answer = app.test_client().get("/readyz")

    assert answer.status_code == 503
    assert answer.json["missing"] == ["The database does not answer."]
    assert app.test_client().get("/healthz").status_code == 200


@pytest.fixture
def settings(database_url, tmp_path):
    return make_settings(database_url=database_url, pass_keys_dir=tmp_path / "keys", metrics_token="a token of ours")


def test_metrics_are_for_the_holder_of_the_token(client):
    told = client.get("/metrics", headers={"Authorization": "Bearer a token of ours"})

    assert "membership_jobs_waiting 0.0" in told.text
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer other"}).status_code == 404
