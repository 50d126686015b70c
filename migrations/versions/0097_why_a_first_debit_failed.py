"""Why the first debit of a standing order was refused, kept with the wish that it ended."""

import sqlalchemy as sa
from alembic import op

revision = "0097"
down_revision = "0096"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("subscription_intents", sa.Column("refusal", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("subscription_intents", "refusal")
