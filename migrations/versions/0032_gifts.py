"""Memberships bought for somebody else."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gifts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(), nullable=False),
        sa.Column("donation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("months", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("giver_name", sa.String(), nullable=False),
        sa.Column("recipient_name", sa.String(), nullable=False),
        sa.Column("recipient_email", sa.String(), nullable=True),
        sa.Column("recipient_locale", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("send_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code_hash", sa.String(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("patron_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("redeemed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(redeemed_at IS NULL) = (patron_id IS NULL)", name=op.f("ck_gifts_redeemed_by_somebody")),
        sa.CheckConstraint("(sent_at IS NULL) = (code_hash IS NULL)", name=op.f("ck_gifts_sent_with_a_code")),
        sa.CheckConstraint("months > 0", name=op.f("ck_gifts_months_positive")),
        sa.ForeignKeyConstraint(["donation_id"], ["donations.id"], name=op.f("fk_gifts_donation_id_donations")),
        sa.ForeignKeyConstraint(["patron_id"], ["patrons.id"], name=op.f("fk_gifts_patron_id_patrons")),
        sa.ForeignKeyConstraint(["tier_id"], ["tiers.id"], name=op.f("fk_gifts_tier_id_tiers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gifts")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_gifts_code_hash")),
        sa.UniqueConstraint("donation_id", name=op.f("uq_gifts_donation_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_gifts_public_id")),
    )
    op.create_index(op.f("ix_gifts_patron_id"), "gifts", ["patron_id"], unique=False)
