"""Rows written past mapped objects: unless somebody has written them, at this moment too, and many at once."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection, Executable, FromClause
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.base import ExecutableOption

from membership.db import Base
from membership.loading import Seldom

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

Row = TypeVar("Row", bound=Base)
Values = Mapping[str, Any]
# What a session keeps of rows that it was not given as objects, for whoever follows it: models and values.
WRITTEN = "written"


def insert_unless_known(current: Session | Connection, model: type[Base], values: Values) -> Any:
    """Insert a row unless a unique key of it is taken, by somebody at this moment too; return its key if it is new."""
    connection = _connection_of(current)
    _note(current, model, [values])
    keys = Base.metadata.tables[model.__tablename__].primary_key.columns.keys()
    return connection.scalar(_unless_known(model, connection.dialect.name, *keys), values)


def insert_all_unless_known(
    current: Session, model: type[Base], rows: Sequence[Values], named: InstrumentedAttribute[Any]
) -> dict[Any, int]:
    """Insert rows like insert_unless_known, all in one statement; return the keys of the new ones by a unique column.

    All rows have the same columns.
    """
    if not rows:
        return {}
    connection = current.connection()
    _note(current, model, rows)
    added = connection.execute(_unless_known(model, connection.dialect.name, named.key, "id"), rows)
    return dict(map(tuple, added))


def add_all_unless_known(
    current: Session, model: type[Row], rows: Sequence[Values], *options: ExecutableOption
) -> list[Row]:
    """Insert rows like insert_unless_known, in one statement with reading the new ones, which it returns."""
    if not rows:
        return []
    insert = _insert_into(model, current.get_bind().dialect.name)
    _note(current, model, rows)
    added = insert.on_conflict_do_nothing().returning(model).options(*options)
    return list(current.scalars(added, [dict(row) for row in rows]))


def add_unless_known(current: Session, model: type[Row], values: Values, *options: ExecutableOption) -> Row | None:
    """Insert a row like insert_unless_known, in one statement with reading it; None when a key of it is taken."""
    return next(iter(add_all_unless_known(current, model, [values], *options)), None)


def count_up(current: Session, model: type[Base], key: Values, counter: InstrumentedAttribute[int], by: int = 1) -> int:
    """Count the row with this key up, from nought on; others wait until the transaction ends."""
    counted = _counted_up(model, current.get_bind().dialect.name, tuple(key), counter.key)
    reached: int = current.connection().execute(counted, {**key, counter.key: by}).scalar_one()
    return reached


def put_unless_known(current: Session | Connection, model: type[Base], values: Values) -> None:
    """Insert a row unless a unique key of it is taken, by somebody at this moment too."""
    put_all_unless_known(current, model, [values])


def put_all_unless_known(current: Session | Connection, model: type[Base], rows: Sequence[Values]) -> None:
    """Insert rows like put_unless_known, all in one statement; all have the same columns."""
    if rows:
        connection = _connection_of(current)
        _note(current, model, rows)
        connection.execute(_unless_known(model, connection.dialect.name), rows)


def put_or_replace(
    current: Connection, model: type[Base], values: Values, *, key: str, replaced: tuple[str, ...]
) -> None:
    """Insert a row; where one with this key stands, by somebody at this moment too, replace these columns of it."""
    current.execute(_or_replace(model, current.dialect.name, key, replaced), values)


def _note(current: Session | Connection, model: type[Base], rows: Sequence[Values]) -> None:
    if isinstance(current, Session):
        current.info.setdefault(WRITTEN, []).extend((model, values) for values in rows)


def _connection_of(current: Session | Connection) -> Connection:
    return current.connection() if isinstance(current, Session) else current


def _insert_into(table: type[Base] | FromClause, dialect: str) -> "postgresql.Insert":
    # Each dialect knows its own way around a conflict, in the same words; a process speaks but one.
    found: postgresql.Insert = Seldom(f"sqlalchemy.dialects.{dialect}").insert(table)
    return found


@cache
def _unless_known(model: type[Base], dialect: str, *returned: str) -> Executable:
    # Into the table and not the mapped class, and built once: five times as fast, and Stripe waits for it.
    table = Base.metadata.tables[model.__tablename__]
    fresh = _insert_into(table, dialect).on_conflict_do_nothing()
    return fresh.returning(*(table.c[name] for name in returned)) if returned else fresh.inline()


@cache
def _or_replace(model: type[Base], dialect: str, key: str, replaced: tuple[str, ...]) -> Executable:
    fresh = _insert_into(Base.metadata.tables[model.__tablename__], dialect).inline()
    return fresh.on_conflict_do_update(index_elements=[key], set_={name: fresh.excluded[name] for name in replaced})


@cache
def _counted_up(model: type[Base], dialect: str, key: tuple[str, ...], counter: str) -> Executable:
    table = Base.metadata.tables[model.__tablename__]
    first = _insert_into(table, dialect)
    further = {counter: table.c[counter] + first.excluded[counter]}
    return first.on_conflict_do_update(index_elements=key, set_=further).returning(table.c[counter])
