"""What the last test of a site's connection found."""

import sqlalchemy as sa
from alembic import op

revision = "0087"
down_revision = "0081"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "connection_checks",
        sa.Column("site_id", NUMBER, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_connection_checks_site_id_sites")),
        sa.PrimaryKeyConstraint("site_id", name=op.f("pk_connection_checks")),
    )


def downgrade() -> None:
    raise NotImplementedError
