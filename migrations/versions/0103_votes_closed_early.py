"""When a vote was to close that was closed before, and why."""

import sqlalchemy as sa
from alembic import op

revision = "0103"
down_revision = "0113"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("rounds", sa.Column("early_end", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("rounds", "early_end")
