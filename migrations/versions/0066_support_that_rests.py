"""What a recipient pays herself rests while her gift runs."""

import sqlalchemy as sa
from alembic import op

revision = "0066"
down_revision = "0060"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "gift_pauses",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("gift_id", NUMBER, nullable=False),
        sa.Column("subscription_id", NUMBER, nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "wanted", "paused", "over", name="pausestatus", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["gift_id"], ["gifts.id"], name=op.f("fk_gift_pauses_gift_id_gifts")),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["subscriptions.id"], name=op.f("fk_gift_pauses_subscription_id_subscriptions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gift_pauses")),
        sa.UniqueConstraint("gift_id", name=op.f("uq_gift_pauses_gift_id")),
    )
    op.create_index(op.f("ix_gift_pauses_status"), "gift_pauses", ["status"])
    op.create_index(op.f("ix_gift_pauses_subscription_id"), "gift_pauses", ["subscription_id"])
