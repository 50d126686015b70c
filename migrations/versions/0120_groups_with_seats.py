"""Groups that hold seats, and who was invited to them and took them."""

import sqlalchemy as sa
from alembic import op

revision = "0120"
down_revision = "0102"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
IN_FORCE = sa.text("ended_at IS NULL")
ENDS = ("withdrawn", "taken_back", "left", "group_ended", "expired", "merged", "banned", "erased")


def upgrade() -> None:
    op.create_table(
        "groups",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("public_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("tier_id", NUMBER, nullable=False),
        sa.Column("seats", NUMBER, nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=True),
        sa.Column("manager_id", NUMBER, nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("payment_id", NUMBER, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("warned_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("end_reason", sa.String(), nullable=False),
        sa.CheckConstraint("seats BETWEEN 1 AND 5000", name=op.f("ck_groups_seats_in_bounds")),
        sa.CheckConstraint("ends_at >= starts_at", name=op.f("ck_groups_period_forward")),
        sa.CheckConstraint(
            "ended_at IS NULL OR (ends_at IS NOT NULL AND end_reason <> '')", name=op.f("ck_groups_ended_for_a_reason")
        ),
        sa.ForeignKeyConstraint(["tier_id"], ["tiers.id"], name=op.f("fk_groups_tier_id_tiers")),
        sa.ForeignKeyConstraint(["manager_id"], ["patrons.id"], name=op.f("fk_groups_manager_id_patrons")),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name=op.f("fk_groups_payment_id_payments")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_groups")),
        sa.UniqueConstraint("public_id", name=op.f("uq_groups_public_id")),
    )
    op.create_index(op.f("ix_groups_manager_id"), "groups", ["manager_id"])
    op.create_table(
        "seats",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("public_id", sa.String(), nullable=False),
        sa.Column("group_id", NUMBER, nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("code_hash", sa.String(), nullable=True),
        sa.Column("times_sent", NUMBER, nullable=False),
        sa.Column("sent_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("patron_id", NUMBER, nullable=True),
        sa.Column("taken_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column(
            "ended_by",
            sa.Enum(*ENDS, name="seatend", native_enum=False, create_constraint=True, length=32),
            nullable=True,
        ),
        sa.Column("told_at", MOMENT, nullable=True),
        sa.CheckConstraint("(patron_id IS NULL) = (taken_at IS NULL)", name=op.f("ck_seats_taken_by_somebody")),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_seats_ended_by_something")),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_seats_group_id_groups")),
        sa.ForeignKeyConstraint(["patron_id"], ["patrons.id"], name=op.f("fk_seats_patron_id_patrons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seats")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_seats_code_hash")),
        sa.UniqueConstraint("public_id", name=op.f("uq_seats_public_id")),
    )
    op.create_index("ix_seats_group_id", "seats", ["group_id"])
    op.create_index(op.f("ix_seats_patron_id"), "seats", ["patron_id"])
    for name, column in (("uq_seats_of_a_patron", "patron_id"), ("uq_seats_of_an_address", "email")):
        op.create_index(
            name, "seats", ["group_id", column], unique=True, sqlite_where=IN_FORCE, postgresql_where=IN_FORCE
        )


def downgrade() -> None:
    op.drop_table("seats")
    op.drop_table("groups")
