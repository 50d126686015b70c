"""What the doctor finds outside: the database, Stripe, the mail server."""

from dataclasses import replace

import pytest
from sqlalchemy import create_engine

from membership.gateway.memory import MemoryGateway
from membership.operations import migrations
from membership.operations.doctor import examine
from tests.conftest import make_settings
from tests.mail.postbox import open_postbox


@pytest.fixture
def engine(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path}/doctor.db")
    migrations.upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def find(engine, tmp_path):
    """Return what the doctor says under these settings."""

    def found(gateway=None, **fields):
        settings = make_settings(pass_keys_dir=tmp_path / "keys", **fields)
        return dict(examine(settings, engine, gateway or MemoryGateway(webhook_secrets=[])))

    return found


def test_a_database_at_the_newest_revision_and_an_account_in_our_currency_are_fine(find):
    assert (find()["database"], find()["stripe"]) == (None, None)


def test_a_database_that_is_behind_is_to_be_brought_up(find, engine):
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM alembic_version")

    assert "flask db upgrade" in find()["database"]


def test_a_database_that_does_not_answer_is_named(tmp_path):
    nowhere = create_engine(f"sqlite:///{tmp_path}/no/such/folder.db")
    found = dict(examine(make_settings(pass_keys_dir=tmp_path), nowhere, MemoryGateway(webhook_secrets=[])))

    assert "DATABASE_URL" in found["database"]


def test_an_account_in_another_currency_is_named(find):
    assert find(default_currency="jpy")["stripe"] == "Stripe settles in eur, DEFAULT_CURRENCY is jpy."


def test_what_the_provider_does_not_send_is_named(find):
    gateway = MemoryGateway(webhook_secrets=[])
    assert "flask stripe create-endpoint" in find(gateway)["webhooks"]
    made, _ = gateway.create_endpoint(make_settings().webhook_url, key="1")
    assert find(gateway)["webhooks"] is None
    whole = gateway.world.endpoints[made]

    gateway.world.endpoints[made] = replace(whole, events=whole.events - {"charge.pending"})
    assert "does not send charge.pending: run flask stripe mend-endpoint" in find(gateway)["webhooks"]
    gateway.world.endpoints[made] = replace(whole, is_enabled=False)
    assert "disabled: run flask stripe mend-endpoint" in find(gateway)["webhooks"]
    gateway.world.endpoints[made] = replace(whole, events=frozenset("*"))
    assert find(gateway)["webhooks"] is None


def test_a_mail_server_that_answers_is_fine(find):
    with open_postbox() as postbox:
        assert find(smtp_url=postbox.url)["mail"] is None
