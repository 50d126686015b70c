"""Which account went over into which other one, when two were one person's."""

import sqlalchemy as sa
from alembic import op

revision = "0063"
down_revision = "0087"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "mergers",
        sa.Column("patron_id", BIG, nullable=False, autoincrement=False),
        sa.Column("into_id", BIG, nullable=False),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("patron_id <> into_id", name=op.f("ck_mergers_into_another")),
        sa.ForeignKeyConstraint(["into_id"], ["patrons.id"], name=op.f("fk_mergers_into_id_patrons")),
        sa.ForeignKeyConstraint(["patron_id"], ["patrons.id"], name=op.f("fk_mergers_patron_id_patrons")),
        sa.PrimaryKeyConstraint("patron_id", name=op.f("pk_mergers")),
    )
    op.create_index(op.f("ix_mergers_into_id"), "mergers", ["into_id"])


def downgrade() -> None:
    op.drop_table("mergers")
