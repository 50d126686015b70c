"""Votes that could not open when their time came: since when, and why."""

import sqlalchemy as sa
from alembic import op

revision = "0102"
down_revision = "0101"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("rounds", sa.Column("opening_failed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("rounds", sa.Column("opening_failure", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("rounds", "opening_failure")
    op.drop_column("rounds", "opening_failed_at")
