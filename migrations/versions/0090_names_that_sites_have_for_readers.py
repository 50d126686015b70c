"""A site's own number for its reader, beside the name that we made up for her."""

import sqlalchemy as sa
from alembic import op

revision = "0090"
down_revision = "0066"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("site_subjects", sa.Column("external_id", sa.String(), nullable=True))
    op.create_index("uq_site_subjects_external_id", "site_subjects", ["site_id", "external_id"], unique=True)


def downgrade() -> None:
    op.drop_index("uq_site_subjects_external_id", "site_subjects")
    op.drop_column("site_subjects", "external_id")
