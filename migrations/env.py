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


with engine.connect().execution_options(writes=True) as connection:
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
