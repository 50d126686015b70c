"""Where sites are told, what they were told last, and the messages on their way."""

import sqlalchemy as sa
from alembic import op

revision = "0086"
down_revision = "0076"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "site_endpoints",
        *_of_a_site("site_endpoints"),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("secret_sealed", sa.String(), nullable=False),
        sa.Column("former_sealed", sa.String()),
        sa.Column("former_until", MOMENT),
        sa.Column("known_through", NUMBER, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("failing_since", MOMENT),
        sa.Column("disabled_at", MOMENT),
        sa.Column("disabled_why", sa.String()),
        sa.UniqueConstraint("site_id", name=op.f("uq_site_endpoints_site_id")),
        sa.CheckConstraint(
            "(disabled_at IS NULL) = (disabled_why IS NULL)", name=op.f("ck_site_endpoints_disabled_for_a_reason")
        ),
        sa.CheckConstraint(
            "(former_sealed IS NULL) = (former_until IS NULL)", name=op.f("ck_site_endpoints_former_has_an_end")
        ),
    )
    op.create_table(
        "told_decisions",
        *_of_a_site("told_decisions"),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("tier", sa.String()),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.Column("valid_until", MOMENT),
        sa.Column("version", NUMBER, nullable=False),
        sa.Column("check_at", MOMENT, nullable=False),
        sa.UniqueConstraint("site_id", "subject", name=op.f("uq_told_decisions_site_id_subject")),
    )
    op.create_index(op.f("ix_told_decisions_check_at"), "told_decisions", ["check_at"])
    op.create_table(
        "notifications",
        *_of_a_site("notifications"),
        sa.Column("public_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("attempts", NUMBER, nullable=False),
        sa.Column("tried_at", MOMENT),
        sa.Column("next_at", MOMENT),
        sa.Column("outcome", sa.String()),
        sa.Column("delivered_at", MOMENT),
        sa.UniqueConstraint("public_id", name=op.f("uq_notifications_public_id")),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_notifications_attempts_counted")),
    )
    op.create_index("ix_notifications_site_id_created_at", "notifications", ["site_id", "created_at"])


def _of_a_site(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("site_id", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f(f"fk_{table}_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def downgrade() -> None:
    raise NotImplementedError
