"""The schema in the database against the one in the code."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, inspect, text

from membership.db import Base
from membership.loading import Seldom
from membership.operations.revisions import newest

if TYPE_CHECKING:
    from alembic import autogenerate, command, config, migration
else:
    autogenerate, command, config, migration = (
        Seldom(f"alembic.{part}") for part in ("autogenerate", "command", "config", "migration")
    )

MIGRATIONS = Path(__file__).parents[2] / "migrations"


def configuration(engine: Engine) -> "config.Config":
    """Return Alembic's configuration for this database."""
    found = config.Config()
    found.set_main_option("script_location", str(MIGRATIONS))
    found.attributes["engine"] = engine
    return found


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database to a revision; from nothing, too. A new SQLite file is for its owner alone."""
    if engine.dialect.name == "sqlite" and engine.url.database:
        Path(engine.url.database).touch(mode=0o600)
    command.upgrade(configuration(engine), revision)


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
        context = migration.MigrationContext.configure(connection, opts={"compare_type": True})
        found = autogenerate.compare_metadata(context, Base.metadata)
        return [str(difference) for difference in found]
