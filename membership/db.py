"""The database: declarative base, aware-UTC columns, the session of the request, and the only commit."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

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
    Executable,
    FromClause,
    Integer,
    MetaData,
    Table,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.sql.base import ExecutableOption
from sqlalchemy.types import TypeDecorator

from membership.loading import Seldom

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

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


Row = TypeVar("Row", bound=Base)
# What a session keeps of rows that it was not given as objects, for whoever follows it: models and values.
WRITTEN = "written"


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


def insert_unless_known(current: Session | Connection, model: type[Base], values: Mapping[str, Any]) -> Any:
    """Insert a row unless a unique key of it is taken, by somebody at this moment too; return its key if it is new."""
    connection = _connection_of(current)
    _note(current, model, values)
    return connection.scalar(_unless_known(model, connection.dialect.name, True), values)


def add_unless_known(
    current: Session, model: type[Row], values: Mapping[str, Any], *options: ExecutableOption
) -> Row | None:
    """Insert a row like insert_unless_known, in one statement with reading it; None when a key of it is taken."""
    insert = _insert_into(model, current.get_bind().dialect.name)
    _note(current, model, values)
    added = insert.values(dict(values)).on_conflict_do_nothing().returning(model).options(*options)
    return current.scalars(added).one_or_none()


def count_up(current: Session, model: type[Base], key: Mapping[str, Any], counter: InstrumentedAttribute[int]) -> int:
    """Count the row with this key up by one, from one on; others wait until the transaction ends."""
    counted = _counted_up(model, current.get_bind().dialect.name, tuple(key), counter.key)
    reached: int = current.connection().execute(counted, {**key, counter.key: 1}).scalar_one()
    return reached


def put_unless_known(current: Session | Connection, model: type[Base], values: Mapping[str, Any]) -> None:
    """Insert a row unless a unique key of it is taken, by somebody at this moment too."""
    connection = _connection_of(current)
    _note(current, model, values)
    connection.execute(_unless_known(model, connection.dialect.name, False), values)


def put_or_replace(
    current: Connection, model: type[Base], values: Mapping[str, Any], *, key: str, replaced: tuple[str, ...]
) -> None:
    """Insert a row; where one with this key stands, by somebody at this moment too, replace these columns of it."""
    current.execute(_or_replace(model, current.dialect.name, key, replaced), values)


def _note(current: Session | Connection, model: type[Base], values: Mapping[str, Any]) -> None:
    if isinstance(current, Session):
        current.info.setdefault(WRITTEN, []).append((model, values))


def _connection_of(current: Session | Connection) -> Connection:
    return current.connection() if isinstance(current, Session) else current


def _insert_into(table: type[Base] | FromClause, dialect: str) -> "postgresql.Insert":
    # Each dialect knows its own way around a conflict, in the same words; a process speaks but one.
    found: postgresql.Insert = Seldom(f"sqlalchemy.dialects.{dialect}").insert(table)
    return found


@cache
def _unless_known(model: type[Base], dialect: str, with_key: bool) -> Executable:
    # Into the table and not the mapped class, and built once: five times as fast, and Stripe waits for it.
    table = Base.metadata.tables[model.__tablename__]
    fresh = _insert_into(table, dialect).on_conflict_do_nothing()
    return fresh.returning(*table.primary_key) if with_key else fresh.inline()


@cache
def _or_replace(model: type[Base], dialect: str, key: str, replaced: tuple[str, ...]) -> Executable:
    fresh = _insert_into(Base.metadata.tables[model.__tablename__], dialect).inline()
    return fresh.on_conflict_do_update(index_elements=[key], set_={name: fresh.excluded[name] for name in replaced})


@cache
def _counted_up(model: type[Base], dialect: str, key: tuple[str, ...], counter: str) -> Executable:
    table = Base.metadata.tables[model.__tablename__]
    first = _insert_into(table, dialect)
    further = {counter: table.c[counter] + 1}
    return first.on_conflict_do_update(index_elements=key, set_=further).returning(table.c[counter])


def _close(_: BaseException | None) -> None:
    if (current := g.pop("session", None)) is not None:
        current.close()
