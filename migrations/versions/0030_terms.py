"""Time that a patron holds without a subscription of her own."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "term_policies",
        sa.Column("month_currency", sa.String(), nullable=False),
        sa.Column("month_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("most_months", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("patience_days", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("counts_cards", sa.Boolean(), nullable=False),
        sa.CheckConstraint("month_minor > 0", name=op.f("ck_term_policies_month_positive")),
        sa.CheckConstraint("most_months > 0", name=op.f("ck_term_policies_most_months_positive")),
        sa.CheckConstraint("patience_days >= 0", name=op.f("ck_term_policies_patience_not_negative")),
        sa.ForeignKeyConstraint(["tier_id"], ["tiers.id"], name=op.f("fk_term_policies_tier_id_tiers")),
        sa.PrimaryKeyConstraint("month_currency", name=op.f("pk_term_policies")),
    )
    op.create_table(
        "terms",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("patron_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "gift", "offline", "donation", name="termsource", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("awaited_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("awaited_until >= ends_at", name=op.f("ck_terms_awaited_after_the_end")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_terms_period_forward")),
        sa.ForeignKeyConstraint(["patron_id"], ["patrons.id"], name=op.f("fk_terms_patron_id_patrons")),
        sa.ForeignKeyConstraint(["tier_id"], ["tiers.id"], name=op.f("fk_terms_tier_id_tiers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_terms")),
        sa.UniqueConstraint("cause", name=op.f("uq_terms_cause")),
    )
    op.create_index(op.f("ix_terms_patron_id"), "terms", ["patron_id"], unique=False)
