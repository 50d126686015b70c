import pytest
from sqlalchemy import event


@pytest.fixture
def statements(app):
    """List what the application says to the database."""
    said = []

    def hear(connection, cursor, statement, parameters, context, executemany):
        said.append(statement)

    engine = app.extensions["engine"]
    event.listen(engine, "before_cursor_execute", hear)
    yield said
    event.remove(engine, "before_cursor_execute", hear)
