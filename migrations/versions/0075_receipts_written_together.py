"""When the letter with a voter's receipt was written."""

import sqlalchemy as sa
from alembic import op

revision = "0075"
down_revision = "0091"
branch_labels = None
depends_on = None

UNCONFIRMED = sa.text("voted_at IS NOT NULL AND confirmed_at IS NULL")


def upgrade() -> None:
    op.add_column("roll_entries", sa.Column("confirmed_at", sa.DateTime(timezone=True)))
    # Until now each letter was written with its ballot.
    op.execute("UPDATE roll_entries SET confirmed_at = voted_at WHERE voted_at IS NOT NULL")
    op.create_index(
        "ix_roll_entries_unconfirmed",
        "roll_entries",
        ["round_id"],
        sqlite_where=UNCONFIRMED,
        postgresql_where=UNCONFIRMED,
    )
