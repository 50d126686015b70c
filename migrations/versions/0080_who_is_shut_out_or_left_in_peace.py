"""Who is shut out, and who wants to be reminded later."""

import sqlalchemy as sa
from alembic import op

revision = "0080"
down_revision = "0065"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
IN_FORCE = sa.text("lifted_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "bans",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("patron_id", NUMBER, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("banned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("lifted_at >= banned_at", name=op.f("ck_bans_lifted_later")),
        sa.ForeignKeyConstraint(["patron_id"], ["patrons.id"], name=op.f("fk_bans_patron_id_patrons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bans")),
    )
    op.create_index(op.f("ix_bans_patron_id"), "bans", ["patron_id"])
    op.create_index(
        "uq_bans_in_force", "bans", ["patron_id"], unique=True, sqlite_where=IN_FORCE, postgresql_where=IN_FORCE
    )
    op.create_table(
        "appeal_rests",
        sa.Column("patron_id", NUMBER, nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["patron_id"], ["patrons.id"], name=op.f("fk_appeal_rests_patron_id_patrons")),
        sa.PrimaryKeyConstraint("patron_id", name=op.f("pk_appeal_rests")),
    )


def downgrade() -> None:
    op.drop_table("appeal_rests")
    op.drop_table("bans")
