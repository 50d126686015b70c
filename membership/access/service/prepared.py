"""A query made ready once, for one that is asked so often that asking costs more than the answer."""

import sqlite3
from collections import namedtuple
from collections.abc import Callable
from contextlib import suppress
from typing import Any, cast

from sqlalchemy import BindParameter, Dialect, Engine, bindparam, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.sql.expression import CompoundSelect
from sqlalchemy.sql.visitors import replacement_traverse


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
        compiled = _with_constants(query).compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
        columns = list(query.selected_columns)
        self._text = str(compiled)
        self._given = compiled.params
        self._order = compiled.positiontup or []
        readers = enumerate(_reader(column.type, dialect) for column in columns)
        self._readers = [(place, read) for place, read in readers if read]
        self._row = _row_of([str(column.key) for column in columns])
        self._idle = Idle(engine)

    def ask(self, **values: Any) -> list[Any]:
        """Return the rows; raises NotAnswered."""
        given = {**self._given, **values}
        return [self._read(row) for row in self._idle.fetch(self._text, [given[name] for name in self._order])]

    def _read(self, row: tuple[Any, ...]) -> Any:
        cells = list(row)
        for place, read in self._readers:
            # Most cells are empty: each cause fills its own.
            if (cell := cells[place]) is not None:
                cells[place] = read(cell)
        return self._row(*cells)


class Idle:
    """Connections outside the pool, open between two questions, each with the cursor that asks.

    A new cursor would cost psycopg a seventh of the whole question.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._free: list[Any] = []
        # psycopg's own cursor would take a long text apart again for each execution.
        self._cursor: Callable[[Any], Any] = getattr(engine.dialect.loaded_dbapi, "RawCursor", sqlite3.Cursor)
        event.listen(engine, "engine_disposed", self._close)

    def fetch(self, text: str, values: list[Any]) -> list[tuple[Any, ...]]:
        """Return the rows, asking once more on a new connection where one has died; raises NotAnswered."""
        with suppress(IndexError, NotAnswered):
            return self._ask(self._free.pop(), text, values)
        return self._ask(self._open(), text, values)

    def _open(self) -> Any:
        try:
            connection = self._engine.raw_connection()
        except (SQLAlchemyError, self._engine.dialect.loaded_dbapi.Error) as error:
            raise NotAnswered from error
        connection.detach()
        return self._cursor(connection.dbapi_connection)

    def _ask(self, cursor: Any, text: str, values: list[Any]) -> list[tuple[Any, ...]]:
        try:
            rows = cursor.execute(text, values).fetchall()
        except self._engine.dialect.loaded_dbapi.Error as error:
            cursor.connection.close()
            raise NotAnswered from error
        self._free.append(cursor)
        return list(rows)

    def _close(self, _: Engine) -> None:
        while self._free:
            self._free.pop().connection.close()


def _with_constants(query: CompoundSelect[Any]) -> CompoundSelect[Any]:
    """Write what never changes into the text, where it costs nothing to send."""

    def written(element: Any, **_: Any) -> Any:
        if not isinstance(element, BindParameter):
            return None
        # What is still to be given has no value; the compiler asks for one when it writes the others.
        return bindparam(element.key, None, element.type) if element.required else element.render_literal_execute()

    found: CompoundSelect[Any] = cast(Any, replacement_traverse(query, {}, written))
    return found


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
