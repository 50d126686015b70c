"""When staff found another way for money whose return had failed."""

import sqlalchemy as sa
from alembic import op

revision = "0160"
down_revision = "0104"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("refunds", sa.Column("seen_to_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("refunds", "seen_to_at")
