"""What a site may beyond asking, and how its keys begin."""

import sqlalchemy as sa
from alembic import op

revision = "0085"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sites", sa.Column("scopes", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("site_keys", sa.Column("hint", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    raise NotImplementedError
