"""Whether anything was committed to the database, by whichever process: as cheap a question as there is."""

from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import SQLAlchemyError

from membership.access.service.prepared import NotAnswered

Version = Callable[[], object]


def version_of(engine: Engine) -> Version:
    """Return what tells the version: two equal answers mean that nothing was committed between them.

    It raises NotAnswered. https://www.sqlite.org/pragma.html#pragma_data_version, and
    https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-PG-SNAPSHOT
    """
    if engine.dialect.name == "sqlite":
        return _File(engine)
    return partial(_tell, engine, "SELECT pg_current_snapshot()::text")


class _File:
    """SQLite counts for each connection what the others commit; so this one is kept for the counting."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Any = None
        event.listen(engine, "engine_disposed", self._close)

    def __call__(self) -> object:
        try:
            if self._connection is None:
                connection = self._engine.raw_connection()
                connection.detach()
                self._connection = connection
            return self._connection.execute("PRAGMA data_version").fetchone()
        except (SQLAlchemyError, self._engine.dialect.loaded_dbapi.Error) as error:
            raise NotAnswered from error

    def _close(self, _: Engine) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _tell(engine: Engine, query: str) -> object:
    try:
        with engine.connect() as connection:
            return connection.exec_driver_sql(query).scalar()
    except SQLAlchemyError as error:
        raise NotAnswered from error
