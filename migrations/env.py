"""Runs the migrations on the engine that the application made."""

from alembic import context
from sqlalchemy import Engine

from membership.db import Base, UtcDateTime

engine: Engine = context.config.attributes["engine"]


def render_item(kind: str, thing: object, autogen_context: object) -> str | bool:
    """Write our own column types as the plain ones, so that a migration needs nothing of the application."""
    if kind == "type" and isinstance(thing, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def hold_foreign_keys(on: bool) -> None:
    """On SQLite a table is changed by being copied; while it is away, keys that point to it must not be held.

    It says so of a connection, and only between transactions: https://www.sqlite.org/lang_altertable.html
    """
    if engine.dialect.name == "sqlite":
        connection.connection.cursor().execute(f"PRAGMA foreign_keys={'ON' if on else 'OFF'}")


with engine.connect().execution_options(writes=True) as connection:
    hold_foreign_keys(False)
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
    if engine.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        assert not broken, f"keys that point to nothing: {broken}"
    connection.rollback()
    hold_foreign_keys(True)
