"""The schema in the database against the one in the code."""

from importlib import import_module
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, inspect, text

from membership.db import Base
from membership.operations.revisions import newest

MIGRATIONS = Path(__file__).parents[2] / "migrations"


def _alembic(part: str) -> Any:
    # Only commands need it; loaded with the others it would be a tenth of every web process.
    return import_module(f"alembic.{part}")


def configuration(engine: Engine) -> Any:
    """Return Alembic's configuration for this database."""
    config = _alembic("config").Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["engine"] = engine
    return config


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database to a revision; from nothing, too. A new SQLite file is for its owner alone."""
    if engine.dialect.name == "sqlite" and engine.url.database:
        Path(engine.url.database).touch(mode=0o600)
    _alembic("command").upgrade(configuration(engine), revision)


def is_current(engine: Engine) -> bool:
    """Whether the database stands at the newest revision."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        at = set(connection.scalars(text("SELECT version_num FROM alembic_version")))
    return at == newest(MIGRATIONS / "versions")


def differences(engine: Engine) -> list[str]:
    """Tell where the database and the models disagree."""
    with engine.connect() as connection:
        context = _alembic("migration").MigrationContext.configure(connection, opts={"compare_type": True})
        found = _alembic("autogenerate").compare_metadata(context, Base.metadata)
        return [str(difference) for difference in found]
