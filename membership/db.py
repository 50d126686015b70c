"""The database: declarative base, aware-UTC columns, the session of the request, and the only commit."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from flask import Flask, current_app, g
from sqlalchemy import (
    DDL,
    JSON,
    BigInteger,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Enum,
    Integer,
    MetaData,
    Table,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

SQLITE_BUSY_MS = 10_000
# What is deleted, a ballot's link to its voter above all, is overwritten and not only forgotten.
PRAGMAS = (
    "journal_mode=WAL",
    "foreign_keys=ON",
    f"busy_timeout={SQLITE_BUSY_MS}",
    "synchronous=NORMAL",
    "secure_delete=ON",
)
# Server-side limits: a lost client must not hold a lock, a slow report must not hold a connection for ever.
POSTGRES_OPTIONS = (
    "-c timezone=UTC -c lock_timeout=5s -c statement_timeout=30s -c idle_in_transaction_session_timeout=30s"
)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment in UTC; SQLite keeps it without its zone, so that text order is time order."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("times are aware")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value if value is None else value.replace(tzinfo=value.tzinfo or UTC)


def _values(kind: type[StrEnum]) -> list[str]:
    return [member.value for member in kind]


class Base(DeclarativeBase):
    """What every mapped class shares: names for constraints, and how Python types become columns."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {
        datetime: UtcDateTime(),
        int: BigInteger().with_variant(Integer, "sqlite"),
        StrEnum: Enum(StrEnum, native_enum=False, create_constraint=True, length=32, values_callable=_values),
        dict[str, Any]: JSON(),
        dict[str, str]: JSON(),
        list[str]: JSON(),
    }


def append_only(table: Table, *, words: str, function: str, triggers: tuple[str, str, str], code: str) -> None:
    """Let the database refuse, with these words, to change or delete what is in a table.

    `triggers` name those of SQLite, on update and on delete, and the one of PostgreSQL, which calls the function.
    """
    on_update, on_delete, on_change = triggers
    refuse = f"BEGIN SELECT RAISE(ABORT, '{words}'); END"
    refusals = {
        "sqlite": (
            f"CREATE TRIGGER {on_update} BEFORE UPDATE ON {table.name} {refuse}",
            f"CREATE TRIGGER {on_delete} BEFORE DELETE ON {table.name} {refuse}",
        ),
        "postgresql": (
            f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{words}' USING ERRCODE = '{code}'; END $$",
            f"CREATE TRIGGER {on_change} BEFORE UPDATE OR DELETE ON {table.name} "
            f"FOR EACH ROW EXECUTE FUNCTION {function}()",
        ),
    }
    for dialect, statements in refusals.items():
        for statement in statements:
            refusal = DDL(statement)  # type: ignore[no-untyped-call]
            event.listen(table, "after_create", refusal.execute_if(dialect=dialect))


def make_engine(url: str, *, alone: bool = False) -> Engine:
    """Open a database as this service relies on it; `alone` for single queries, with no transaction around them."""
    if make_url(url).get_backend_name() == "sqlite":
        engine = create_engine(url, connect_args={"timeout": SQLITE_BUSY_MS / 1000, "check_same_thread": False})
        event.listen(engine, "connect", _prepare_sqlite)
        if not alone:
            event.listen(engine, "begin", _begin_sqlite)
        return engine
    more = {"max_overflow": 0, "isolation_level": "AUTOCOMMIT"} if alone else {"max_overflow": 5}
    return create_engine(url, pool_size=5, pool_timeout=5, pool_pre_ping=True, **more, **_postgres())


def _postgres() -> dict[str, Any]:
    return {"connect_args": {"options": POSTGRES_OPTIONS, "connect_timeout": 3}}


def _prepare_sqlite(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    # The driver's own transactions begin too late, at the first write, and then fail at once when two writers meet.
    connection.isolation_level = None
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def init_app(app: Flask, url: str) -> None:
    """Give the application its engine, and each context a session that ends with it."""
    engine = make_engine(url)
    app.extensions["engine"] = engine
    app.extensions["writer"] = engine.execution_options(writes=True)
    app.extensions["reader"] = reader = make_engine(url, alone=True)
    event.listen(engine, "engine_disposed", lambda _: reader.dispose())
    app.extensions["sessions"] = sessionmaker(engine, expire_on_commit=False)
    app.teardown_appcontext(_close)


def engine() -> Engine:
    """Return the engine of the running application."""
    found: Engine = current_app.extensions["engine"]
    return found


def one_reading() -> Connection:
    """Open a connection for a single query, with no transaction around it."""
    found: Engine = current_app.extensions["reader"]
    return found.connect()


@contextmanager
def plain_reading() -> Iterator[Session]:
    """Read a few rows for a page that many ask for, each query by itself; what is read outlives the block."""
    with one_reading() as connection, Session(connection) as current:
        yield current


def session() -> Session:
    """Return the session of this request or command, for reading."""
    if "session" not in g:
        g.session = current_app.extensions["sessions"]()
    current: Session = g.session
    return current


@contextmanager
def transaction() -> Iterator[Session]:
    """Commit everything done inside the block, or none of it."""
    current = session()
    # What was read before is stale now; the block reads again under its own lock. Without an open transaction a
    # rollback forgets nothing, so what an earlier block left is forgotten by name.
    current.rollback()
    current.expire_all()
    current.connection(execution_options={"writes": True})
    try:
        yield current
        current.commit()
    except BaseException:
        current.rollback()
        raise


@contextmanager
def writing() -> Iterator[Connection]:
    """Commit everything inserted inside the block, or none of it: a transaction without mapped objects, and cheaper."""
    with current_app.extensions["writer"].begin() as connection:
        yield connection


def overwrite_deleted(table: str) -> bool:
    """Leave no trace of deleted rows in the files of the database; False while somebody still reads the old ones."""
    if engine().dialect.name == "sqlite":
        with closing(engine().raw_connection()) as connection:
            cursor = connection.cursor()
            # The write-ahead log still holds the pages as they were before. No reader is waited for: it is done again.
            cursor.execute("PRAGMA busy_timeout=0")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            is_busy, *_ = cursor.fetchone() or (1,)
            cursor.execute(f"PRAGMA busy_timeout={SQLITE_BUSY_MS}")
            return not is_busy
    with engine().connect().execution_options(isolation_level="AUTOCOMMIT") as plain:
        plain.exec_driver_sql(f"VACUUM {table}")
    return True


def release() -> None:
    """End the reading transaction, so that nothing is open while the network is waited for."""
    session().rollback()


def is_sqlite(current: Session) -> bool:
    """Whether the session talks to SQLite, where an immediate transaction already locks every row."""
    return current.get_bind().dialect.name == "sqlite"


def _close(_: BaseException | None) -> None:
    if (current := g.pop("session", None)) is not None:
        current.close()
