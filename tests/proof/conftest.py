"""One newsroom for all histories of a test process, on SQLite and on PostgreSQL; time stands still while it is used."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import postgres_url
from tests.proof.newsroom import Newsroom, making_newsroom


@pytest.fixture(scope="session")
def sqlite_room() -> Iterator[Newsroom]:
    folder = Path(tempfile.mkdtemp(prefix="membership-proof-"))
    with making_newsroom(f"sqlite:///{folder / 'proof.db'}") as room:
        yield room
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgres_room(worker_id: str) -> Iterator[Newsroom]:
    with making_newsroom(postgres_url(f"proof_{worker_id}")) as room:
        yield room


@pytest.fixture
def on_sqlite(sqlite_room: Newsroom, monkeypatch: pytest.MonkeyPatch) -> Newsroom:
    sqlite_room.provider.follow(monkeypatch.setattr)
    return sqlite_room


@pytest.fixture
def on_postgres(postgres_room: Newsroom, monkeypatch: pytest.MonkeyPatch) -> Newsroom:
    postgres_room.provider.follow(monkeypatch.setattr)
    return postgres_room


@pytest.fixture(params=["sqlite", "postgresql"])
def room(request: pytest.FixtureRequest) -> Newsroom:
    name = {"sqlite": "on_sqlite", "postgresql": "on_postgres"}[request.param]
    return request.getfixturevalue(name)
