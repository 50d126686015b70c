"""Requests of programs that may be sent again."""

import sqlalchemy as sa
from alembic import op

revision = "0065"
down_revision = "0085"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "idempotent_requests",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("key_hash", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "started",
                "answered",
                "abandoned",
                name="requeststatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("attempt", sa.String(), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_sealed", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(status = 'answered') = (answer_sealed IS NOT NULL)",
            name=op.f("ck_idempotent_requests_answers_are_kept"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idempotent_requests")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_idempotent_requests_key_hash")),
        sa.UniqueConstraint("reference", name=op.f("uq_idempotent_requests_reference")),
    )
    op.create_index(op.f("ix_idempotent_requests_expires_at"), "idempotent_requests", ["expires_at"])
    op.add_column("handovers", sa.Column("used_by", sa.String(), nullable=True))
