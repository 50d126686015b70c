"""A query made ready once, for one that is asked so often that asking costs more than the answer."""

from collections import namedtuple
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.sql.expression import CompoundSelect


class NotAnswered(Exception):
    """The database did not answer; why is the exception's cause."""


class Prepared:
    """A query as the database's driver takes it, and what turns its columns into values.

    SQLAlchemy does the same for every execution, finding the compiled text again by its whole expression: several
    times the cost of a query over an index. The engine's connections must be without transactions.
    """

    def __init__(self, query: CompoundSelect[Any], engine: Engine) -> None:
        compiled = query.compile(engine)
        columns = list(query.selected_columns)
        self._engine = engine
        self._text = str(compiled)
        self._given = compiled.params
        self._order = compiled.positiontup
        self._readers = [_reader(column.type, engine) for column in columns]
        self._row = _row_of([str(column.key) for column in columns])

    def ask(self, **values: Any) -> list[Any]:
        """Return the rows; raises NotAnswered."""
        try:
            return [self._read(row) for row in self._fetch({**self._given, **values})]
        except (SQLAlchemyError, self._engine.dialect.loaded_dbapi.Error) as error:
            raise NotAnswered from error

    def _fetch(self, given: dict[str, Any]) -> list[tuple[Any, ...]]:
        connection = self._engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute(self._text, [given[name] for name in self._order] if self._order else given)
            return list(cursor.fetchall())
        finally:
            connection.close()

    def _read(self, row: tuple[Any, ...]) -> Any:
        return self._row(*[read(cell) if read else cell for read, cell in zip(self._readers, row, strict=True)])


def _reader(type_: Any, engine: Engine) -> Callable[[Any], Any] | None:
    reader: Callable[[Any], Any] | None = type_.dialect_impl(engine.dialect).result_processor(engine.dialect, None)
    return reader


def _row_of(names: list[str]) -> Any:
    return namedtuple("Row", names)
