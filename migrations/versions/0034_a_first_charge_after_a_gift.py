"""When a subscription may charge for the first time, if that is not at once."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("subscription_intents", sa.Column("trial_ends_at", sa.DateTime(timezone=True), nullable=True))
