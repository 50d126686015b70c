"""Whoever asked to be forgotten, and lines of a roll that are nobody's."""

import sqlalchemy as sa
from alembic import op

revision = "0061"
down_revision = "0090"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "erasures",
        sa.Column("id", BIG, nullable=False),
        sa.Column("patron_id", BIG, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["patron_id"], ["patrons.id"], name=op.f("fk_erasures_patron_id_patrons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
        sa.UniqueConstraint("patron_id", name=op.f("uq_erasures_patron_id")),
    )
    with op.batch_alter_table("roll_entries") as roll:
        roll.alter_column("patron_id", existing_type=BIG, nullable=True)
