"""A query made ready once, for one that is asked so often that asking costs more than the answer."""

import sqlite3
from collections import namedtuple
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from sqlalchemy import Dialect, Engine, PoolProxiedConnection, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.sql.expression import CompoundSelect


class NotAnswered(Exception):
    """The database did not answer; why is the exception's cause."""


class Prepared:
    """A query as the database's driver takes it, and what turns its columns into values.

    SQLAlchemy does the same for every execution, finding the compiled text again by its whole expression: several
    times the cost of a query over an index. The engine's connections must be without transactions. Each thread that
    asks keeps one for the next time: the pool's question whether it still lives costs as much as ours.
    """

    def __init__(self, query: CompoundSelect[Any], engine: Engine) -> None:
        dialect = _dialect_of(engine)
        compiled = query.compile(dialect=dialect)
        columns = list(query.selected_columns)
        self._text = str(compiled)
        self._given = compiled.params
        self._order = compiled.positiontup or []
        self._readers = [_reader(column.type, dialect) for column in columns]
        self._row = _row_of([str(column.key) for column in columns])
        self._idle = Idle(engine)

    def ask(self, **values: Any) -> list[Any]:
        """Return the rows; raises NotAnswered."""
        given = {**self._given, **values}
        return [self._read(row) for row in self._idle.fetch(self._text, [given[name] for name in self._order])]

    def _read(self, row: tuple[Any, ...]) -> Any:
        # Most cells are empty: each cause fills its own.
        cells = zip(self._readers, row, strict=True)
        return self._row(*[cell if read is None or cell is None else read(cell) for read, cell in cells])


class Idle:
    """Connections outside the pool, open between two questions."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._free: list[PoolProxiedConnection] = []
        # psycopg's own cursor would take a long text apart again for each execution.
        self._cursor: Callable[[Any], Any] = getattr(engine.dialect.loaded_dbapi, "RawCursor", sqlite3.Cursor)
        event.listen(engine, "engine_disposed", self._close)

    def fetch(self, text: str, values: list[Any]) -> list[tuple[Any, ...]]:
        """Return the rows, asking once more on a new connection where one has died; raises NotAnswered."""
        with suppress(IndexError, NotAnswered):
            return self._ask(self._free.pop(), text, values)
        return self._ask(self._open(), text, values)

    def _open(self) -> PoolProxiedConnection:
        try:
            connection = self._engine.raw_connection()
        except (SQLAlchemyError, self._engine.dialect.loaded_dbapi.Error) as error:
            raise NotAnswered from error
        connection.detach()
        return connection

    def _ask(self, connection: PoolProxiedConnection, text: str, values: list[Any]) -> list[tuple[Any, ...]]:
        try:
            rows = self._cursor(connection.dbapi_connection).execute(text, values).fetchall()
        except self._engine.dialect.loaded_dbapi.Error as error:
            connection.close()
            raise NotAnswered from error
        self._free.append(connection)
        return list(rows)

    def _close(self, _: Engine) -> None:
        while self._free:
            self._free.pop().close()


def _dialect_of(engine: Engine) -> Dialect:
    if engine.dialect.name == "sqlite":
        return engine.dialect
    make: Callable[..., Dialect] = type(engine.dialect)
    return make(paramstyle="numeric_dollar")


def _reader(type_: Any, dialect: Dialect) -> Callable[[Any], Any] | None:
    reader: Callable[[Any], Any] | None = type_.dialect_impl(dialect).result_processor(dialect, None)
    return reader


def _row_of(names: list[str]) -> Any:
    return namedtuple("Row", names)
