"""Links that open a ballot from a letter."""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0011"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "ballot_links",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("round_id", NUMBER, nullable=False),
        sa.Column("roll_entry_id", NUMBER, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_ballot_links_round_id_rounds")),
        sa.ForeignKeyConstraint(
            ["roll_entry_id"], ["roll_entries.id"], name=op.f("fk_ballot_links_roll_entry_id_roll_entries")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ballot_links")),
        sa.UniqueConstraint("roll_entry_id", "kind", name=op.f("uq_ballot_links_roll_entry_id_kind")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_ballot_links_token_hash")),
    )
    op.create_index(op.f("ix_ballot_links_round_id"), "ballot_links", ["round_id"])
