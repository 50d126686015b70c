"""Money that comes past Stripe: other ways, references, the bank's files; payments that name nothing of Stripe's."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0051"
branch_labels = None
depends_on = None

COLUMNS = ("stripe_payment_intent_id", "stripe_charge_id")
NAMED = "ck_payments_stripe_or_not"
RULE = "(stripe_payment_intent_id IS NULL) = (stripe_charge_id IS NULL)"


def upgrade() -> None:
    op.create_table(
        "bank_files",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("lines", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("left_out", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_files")),
        sa.UniqueConstraint("digest", name=op.f("uq_bank_files_digest")),
    )
    op.create_table(
        "ways",
        sa.Column(
            "kind",
            sa.Enum(
                "bank",
                "cheque",
                "paypal",
                "crypto",
                "in_kind",
                "grant",
                name="waykind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("text", sa.JSON(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_ways")),
    )
    op.create_table(
        "bank_references",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("patron_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["patron_id"], ["patrons.id"], name=op.f("fk_bank_references_patron_id_patrons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_references")),
        sa.UniqueConstraint("patron_id", name=op.f("uq_bank_references_patron_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_bank_references_reference")),
    )
    op.create_table(
        "bank_lines",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("entry_reference", sa.String(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("amount_currency", sa.String(), nullable=False),
        sa.Column("payer", sa.String(), nullable=False),
        sa.Column("payer_hash", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "waiting", "booked", "rejected", name="linestatus", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column(
            "match",
            sa.Enum(
                "reference", "suggested", "unknown", name="match", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("patron_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("donation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(status = 'booked') = (donation_id IS NOT NULL)", name=op.f("ck_bank_lines_booked_as_a_donation")
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_bank_lines_amount_positive")),
        sa.ForeignKeyConstraint(["donation_id"], ["donations.id"], name=op.f("fk_bank_lines_donation_id_donations")),
        sa.ForeignKeyConstraint(["file_id"], ["bank_files.id"], name=op.f("fk_bank_lines_file_id_bank_files")),
        sa.ForeignKeyConstraint(["patron_id"], ["patrons.id"], name=op.f("fk_bank_lines_patron_id_patrons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_lines")),
        sa.UniqueConstraint("account", "entry_reference", name=op.f("uq_bank_lines_account_entry_reference")),
        sa.UniqueConstraint("donation_id", name=op.f("uq_bank_lines_donation_id")),
    )
    op.create_index(op.f("ix_bank_lines_file_id"), "bank_lines", ["file_id"], unique=False)
    op.create_index(op.f("ix_bank_lines_patron_id"), "bank_lines", ["patron_id"], unique=False)
    op.create_index(op.f("ix_bank_lines_payer_hash"), "bank_lines", ["payer_hash"], unique=False)
    op.create_index(op.f("ix_bank_lines_status"), "bank_lines", ["status"], unique=False)
    _let_payments_name_nothing_of_stripe()


def _let_payments_name_nothing_of_stripe() -> None:
    if op.get_bind().dialect.name == "sqlite":
        with op.batch_alter_table("payments", table_args=[sa.CheckConstraint(RULE, name=op.f(NAMED))]) as payments:
            for column in COLUMNS:
                payments.alter_column(column, existing_type=sa.String(), nullable=True)
        return
    for column in COLUMNS:
        op.alter_column("payments", column, existing_type=sa.String(), nullable=True)
    # What is there fits already; it is looked through without keeping writers out.
    op.execute(f"ALTER TABLE payments ADD CONSTRAINT {NAMED} CHECK ({RULE}) NOT VALID")
