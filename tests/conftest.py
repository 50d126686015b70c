"""One application per test, on SQLite and on PostgreSQL; a gateway in memory; no network beyond loopback."""

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings as hypothesis
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from membership import create_app, db
from membership.config import Mode, Settings
from membership.db import Base
from membership.gateway.memory import MemoryGateway
from tests.databases import postgres_url
from tests.sharing import compile_routes_once, compile_statements_once, compile_templates_once

compile_routes_once()
compile_statements_once()
# A busy machine is no fault of the code, and what was proven here is proven everywhere: `make explore` looks further.
hypothesis.register_profile("calm", deadline=None, derandomize=True)
hypothesis.register_profile("explore", deadline=None)
hypothesis.load_profile(os.environ.get("EXAMPLES", "calm"))

WEBHOOK_SECRET = "whsec_for_tests_only_0123456789abcdef"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the stories: each is one long file, and at the end one process would wait for it alone."""
    items.sort(key=lambda item: item.path.parent.name != "story")


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection that leaves this machine."""
    connect = socket.socket.connect

    def guarded(own: socket.socket, address: object) -> None:
        host = address[0] if isinstance(address, tuple) else "unix"
        assert host in {"127.0.0.1", "::1", "localhost", "unix"}, f"a test may not reach {host}"
        connect(own, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(scope="session")
def sqlite_template() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="membership-"))
    path = folder / "template.db"
    _create_all(f"sqlite:///{path}")
    yield path
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgres_template(worker_id: str) -> Iterator[tuple[str, Engine]]:
    url = postgres_url(worker_id)
    _create_all(url)
    engine = create_engine(url)
    yield url, engine
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the address of an empty database with all tables."""
    if request.param == "sqlite":
        path = tmp_path / "test.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
    else:
        url, engine = request.getfixturevalue("postgres_template")
        yield url
        _empty(engine)


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return make_settings(database_url=database_url, pass_keys_dir=tmp_path / "keys")


def make_settings(**fields: object) -> Settings:
    """Make settings for tests; state only the ones a test is about."""
    defaults = {
        "membership_mode": Mode.TEST,
        "secret_key": "a test secret that is long enough 0123456789",
        "public_url": "http://localhost",
        "publication_name": "The Open Daily",
        "publication_url": "http://publication.test",
        "publication_timezone": "Europe/Kyiv",
        "stripe_api_key": "sk_test_sandbox",
        "stripe_webhook_secrets": [WEBHOOK_SECRET],
        "smtp_url": "smtp://127.0.0.1:1",
        "mail_from": "The Open Daily <members@publication.test>",
    }
    return Settings(**(defaults | fields))  # type: ignore[arg-type]


@pytest.fixture
def gateway() -> MemoryGateway:
    return MemoryGateway(webhook_secrets=[WEBHOOK_SECRET])


@pytest.fixture
def app(settings: Settings, gateway: MemoryGateway) -> Iterator[Flask]:
    app = create_app(settings, gateway)
    app.config["PROPAGATE_EXCEPTIONS"] = True
    compile_templates_once(app)
    yield app
    # One that is only forgotten is closed by the collector, at any moment of any later test.
    held = app.extensions["engine"].pool.checkedout() + app.extensions["reader"].pool.checkedout()
    app.extensions["engine"].dispose()
    assert held == 0, "a connection was never given back"


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def context(app: Flask) -> Iterator[Flask]:
    """Run the test inside an application context, as a command or the worker would."""
    with app.app_context():
        yield app


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """Open a session of the test's own, writing at once; end it with `session.commit()` before the app must see it."""
    engine = app.extensions["engine"].execution_options(writes=True)
    with Session(engine, expire_on_commit=False) as session:
        yield session


@pytest.fixture
def sound_books(app: Flask) -> Iterator[None]:
    """Find no invariant offended after a test that moved money."""
    yield
    with app.app_context():
        found = {name: find(db.session()) for name, find in app.extensions["invariants"].items()}
    assert {name: rows for name, rows in found.items() if rows} == {}


@pytest.fixture
def drain(app: Flask):  # type: ignore[no-untyped-def]
    """Do all the work that is due now, as the worker would; return how many jobs that was."""

    def work() -> int:
        with app.app_context():
            return app.extensions["worker"].drain()

    return work


def _create_all(url: str) -> None:
    engine = db.make_engine(url).execution_options(writes=True)
    Base.metadata.drop_all(engine)
    Base.metadata.create_all(engine)
    engine.dispose()


# Deleting what is there costs a tenth of truncating all tables. As a replica the server asks no trigger, and so lets go
# of what is append-only, in any order.
EMPTY = """
DO $$ DECLARE name text; counter text; is_used boolean;
BEGIN
  SET LOCAL session_replication_role = replica;
  FOREACH name IN ARRAY ARRAY[{names}] LOOP
    EXECUTE 'SELECT EXISTS (SELECT 1 FROM ' || name || ')' INTO is_used;
    IF is_used THEN
      EXECUTE 'DELETE FROM ' || name;
    END IF;
  END LOOP;
  FOR counter IN SELECT sequencename FROM pg_sequences WHERE last_value IS NOT NULL LOOP
    PERFORM setval(counter, 1, false);
  END LOOP;
END $$
"""


def _empty(engine: Engine) -> None:
    names = ", ".join(f"'{table.name}'" for table in Base.metadata.sorted_tables)
    with engine.begin() as connection:
        connection.exec_driver_sql(EMPTY.format(names=names))


@pytest.fixture(scope="session")
def worker_id() -> str:
    """Name the test process, also when the tests run in a single one."""
    return os.environ.get("PYTEST_XDIST_WORKER", "main")
