"""Whether readers see how a topic was worded before; of what was kept until now, they do not."""

import sqlalchemy as sa
from alembic import op

revision = "0135"
down_revision = "0103"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("topic_editions", sa.Column("is_shown", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    op.drop_column("topic_editions", "is_shown")
