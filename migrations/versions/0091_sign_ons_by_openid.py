"""What an OpenID client asked for, kept with the code until it comes for its tokens."""

import sqlalchemy as sa
from alembic import op

revision = "0091"
down_revision = "0062"
branch_labels = None
depends_on = None

COLUMNS = {"redirect_uri": sa.String(), "scope": sa.String(), "nonce": sa.String(), "signed_in_at": sa.DateTime(True)}


def upgrade() -> None:
    for name, kind in COLUMNS.items():
        op.add_column("handovers", sa.Column(name, kind, nullable=True))


def downgrade() -> None:
    for name in COLUMNS:
        op.drop_column("handovers", name)
