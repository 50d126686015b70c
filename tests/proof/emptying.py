"""A database comes back to what it held on the first day: a file is written over, a server's tables are emptied."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from membership.db import Base
from tests.conftest import EMPTY

Rows = dict[str, list[dict[str, Any]]]


def keep(engine: Engine) -> bytes | Rows:
    """Return what a database holds."""
    if engine.dialect.name == "sqlite":
        engine.dispose()
        with closing(sqlite3.connect(str(engine.url.database))) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return Path(str(engine.url.database)).read_bytes()
    with engine.connect() as connection:
        tables = Base.metadata.sorted_tables
        found = {table.name: [dict(row) for row in connection.execute(table.select()).mappings()] for table in tables}
    return {name: rows for name, rows in found.items() if rows}


def restore(engine: Engine, kept: bytes | Rows) -> None:
    """Let a database hold again what it held."""
    if isinstance(kept, bytes):
        _write_over(engine, kept)
        return
    names = ", ".join(f"'{table.name}'" for table in Base.metadata.sorted_tables)
    with engine.begin() as connection:
        connection.exec_driver_sql(EMPTY.format(names=names))
        for name, rows in kept.items():
            connection.execute(Base.metadata.tables[name].insert(), rows)
            if "id" in rows[0]:
                last = max(row["id"] for row in rows)
                connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), {last})"))


def _write_over(engine: Engine, kept: bytes) -> None:
    engine.dispose()
    path = str(engine.url.database)
    for beside in ("-wal", "-shm"):
        Path(path + beside).unlink(missing_ok=True)
    Path(path).write_bytes(kept)
