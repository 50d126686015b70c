"""Runs the migrations on the engine that the application made."""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import context
from sqlalchemy import Connection, Engine, text

from membership.db import Base, UtcDateTime

engine: Engine = context.config.attributes["engine"]


def render_item(kind: str, thing: object, autogen_context: object) -> str | bool:
    """Write our own column types as the plain ones, so that a migration needs nothing of the application."""
    if kind == "type" and isinstance(thing, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


@contextmanager
def without_foreign_keys(connection: Connection) -> Iterator[None]:
    """Let SQLite lay a table anew, which means to drop the one that others point at; what they point at is checked."""
    if connection.dialect.name != "sqlite":
        yield
        return
    # Only outside a transaction, and so on the driver's connection.
    plain = connection.connection.cursor()
    plain.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
        lost = plain.execute("PRAGMA foreign_key_check").fetchall()
    finally:
        plain.execute("PRAGMA foreign_keys=ON")
    assert not lost, f"the migration left rows that point at nothing: {lost[:3]}"


def validate(connection: Connection) -> None:
    """Look through what is there for constraints that were added as NOT VALID, each in a transaction of its own.

    Within the migration's own it would keep writers out: adding the constraint has locked the table until its end. An
    upgrade that was ended before it came to this does it the next time.
    """
    if connection.dialect.name == "sqlite":
        return
    waiting = text("SELECT conrelid::regclass::text, quote_ident(conname) FROM pg_constraint WHERE NOT convalidated")
    for table, name in connection.execute(waiting).all():
        connection.commit()
        connection.exec_driver_sql(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")
    connection.commit()


with engine.connect().execution_options(writes=True) as connection, without_foreign_keys(connection):
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=engine.dialect.name == "sqlite",
        render_item=render_item,
        compare_type=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    validate(connection)
