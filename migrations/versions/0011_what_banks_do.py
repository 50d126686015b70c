"""Disputes, fraud warnings, payouts, and Stripe's own account of our balance."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0032"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _disputes()
    _payouts()
    op.add_column("invoices", sa.Column("revoked_by", _one_of(["refund", "dispute", "fraud_warning"]), nullable=True))
    check = "revoked_by IN ('refund', 'dispute', 'fraud_warning')"
    if op.get_bind().dialect.name == "sqlite":
        with op.batch_alter_table("invoices") as batch:
            batch.create_check_constraint(op.f("ck_invoices_revokedby"), check)
    else:
        op.execute(f"ALTER TABLE invoices ADD CONSTRAINT ck_invoices_revokedby CHECK ({check}) NOT VALID")


def _one_of(words: list[str], name: str | None = None) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=name is not None, length=32)


def _disputes() -> None:
    op.create_table(
        "disputes",
        sa.Column("id", BIG, nullable=False),
        sa.Column("stripe_dispute_id", sa.String(), nullable=False),
        sa.Column("payment_id", BIG, nullable=False),
        sa.Column("amount_minor", BIG, nullable=False),
        sa.Column("amount_currency", sa.String(), nullable=False),
        sa.Column("status", _one_of(["inquiry", "open", "won", "lost", "closed"], "disputestatus"), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_disputes_amount_positive")),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name=op.f("fk_disputes_payment_id_payments")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disputes")),
        sa.UniqueConstraint("stripe_dispute_id", name=op.f("uq_disputes_stripe_dispute_id")),
    )
    op.create_index(op.f("ix_disputes_opened_at"), "disputes", ["opened_at"])
    op.create_index(op.f("ix_disputes_payment_id"), "disputes", ["payment_id"])
    op.create_table(
        "fraud_warnings",
        sa.Column("id", BIG, nullable=False),
        sa.Column("stripe_warning_id", sa.String(), nullable=False),
        sa.Column("payment_id", BIG, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("is_actionable", sa.Boolean(), nullable=False),
        sa.Column("warned_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name=op.f("fk_fraud_warnings_payment_id_payments")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fraud_warnings")),
        sa.UniqueConstraint("stripe_warning_id", name=op.f("uq_fraud_warnings_stripe_warning_id")),
    )
    op.create_index(op.f("ix_fraud_warnings_payment_id"), "fraud_warnings", ["payment_id"])
    op.create_index(op.f("ix_fraud_warnings_warned_at"), "fraud_warnings", ["warned_at"])


def _payouts() -> None:
    statuses = ["pending", "in_transit", "paid", "canceled", "failed"]
    op.create_table(
        "payouts",
        sa.Column("id", BIG, nullable=False),
        sa.Column("stripe_payout_id", sa.String(), nullable=False),
        sa.Column("amount_minor", BIG, nullable=False),
        sa.Column("amount_currency", sa.String(), nullable=False),
        sa.Column("status", _one_of(statuses, "payoutstatus"), nullable=False),
        sa.Column("is_automatic", sa.Boolean(), nullable=False),
        sa.Column("is_complete", sa.Boolean(), nullable=False),
        sa.Column("arrives_at", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payouts")),
        sa.UniqueConstraint("stripe_payout_id", name=op.f("uq_payouts_stripe_payout_id")),
    )
    op.create_index(op.f("ix_payouts_created_at"), "payouts", ["created_at"])
    op.create_table(
        "balance_transactions",
        sa.Column("id", BIG, nullable=False),
        sa.Column("stripe_balance_transaction_id", sa.String(), nullable=False),
        sa.Column("stripe_source_id", sa.String(), nullable=True),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("gross_minor", BIG, nullable=False),
        sa.Column("fee_minor", BIG, nullable=False),
        sa.Column("net_minor", BIG, nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("is_ours", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("payout_id", BIG, nullable=True),
        sa.CheckConstraint("net_minor = gross_minor - fee_minor", name=op.f("ck_balance_transactions_net_adds_up")),
        sa.ForeignKeyConstraint(["payout_id"], ["payouts.id"], name=op.f("fk_balance_transactions_payout_id_payouts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_balance_transactions")),
        sa.UniqueConstraint(
            "stripe_balance_transaction_id", name=op.f("uq_balance_transactions_stripe_balance_transaction_id")
        ),
    )
    for column in ("created_at", "payout_id", "stripe_source_id"):
        op.create_index(op.f(f"ix_balance_transactions_{column}"), "balance_transactions", [column])
