"""The highest version of each standing order that was ever seen."""

import sqlalchemy as sa
from alembic import op

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "version_marks",
        sa.Column("subscription_id", BIG, autoincrement=False, nullable=False),
        sa.Column("version", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["subscriptions.id"], name=op.f("fk_version_marks_subscription_id_subscriptions")
        ),
        sa.PrimaryKeyConstraint("subscription_id", name=op.f("pk_version_marks")),
    )
