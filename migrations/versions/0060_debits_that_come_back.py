"""Bank debits that come back: an account and a kind of their own, and payments that stand no more."""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0070"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KINDS = ["payment", "settlement", "refund", "refund_settlement", "return", "dispute", "payout", "offline", "write_off"]
KINDS += ["reversal", "other"]
ACCOUNTS = ["stripe", "clearing", "transit", "bank", "cash", "cheques", "paypal", "crypto", "in_kind"]
ACCOUNTS += ["subscription_income", "donation_income", "gift_income", "grant_income", "covered_fees", "fees"]
ACCOUNTS += ["refunds", "returned_debits", "disputes", "dispute_fees", "write_offs", "exchange", "others"]
CAUSES = ["refund", "dispute", "fraud_warning", "return"]
ONCE = ("stripe_payment_intent_id", "donation_id", "invoice_id")
TO_STRIPE = "returned_at IS NULL OR stripe_charge_id IS NOT NULL"
STANDING = sa.text("returned_at IS NULL")


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _copy_tables()
    else:
        _alter_tables()
    for column in ONCE:
        where = {"sqlite_where": STANDING, "postgresql_where": STANDING}
        op.create_index(op.f(f"ix_payments_{column}"), "payments", [column])
        op.create_index(f"uq_payments_standing_{column}", "payments", [column], unique=True, **where)


def _alter_tables() -> None:
    _widen("journal_transactions", "kind", "ck_journal_transactions_journalkind", KINDS)
    _widen("entries", "account", "ck_entries_account", ACCOUNTS)
    _widen("invoices", "revoked_by", "ck_invoices_revokedby", CAUSES)
    op.add_column("payments", sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True))
    # What is there fits already; it is looked through without keeping writers out.
    op.execute(f"ALTER TABLE payments ADD CONSTRAINT ck_payments_returned_to_stripe CHECK ({TO_STRIPE}) NOT VALID")
    for column in ONCE:
        op.drop_constraint(f"uq_payments_{column}", "payments", type_="unique")


def _widen(table: str, column: str, check: str, words: list[str]) -> None:
    listed = ", ".join(f"'{word}'" for word in words)
    op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {check}")
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {check} CHECK ({column} IN ({listed})) NOT VALID")


def _copy_tables() -> None:
    listed = ", ".join(f"'{word}'" for word in CAUSES)
    with op.batch_alter_table("invoices") as invoices:
        invoices.drop_constraint(op.f("ck_invoices_revokedby"), type_="check")
        invoices.create_check_constraint(op.f("ck_invoices_revokedby"), f"revoked_by IN ({listed})")
    with op.batch_alter_table("payments") as payments:
        payments.add_column(sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True))
        payments.create_check_constraint(op.f("ck_payments_returned_to_stripe"), TO_STRIPE)
        for column in ONCE:
            payments.drop_constraint(op.f(f"uq_payments_{column}"), type_="unique")
    for table in (_journal(sa.MetaData()), _entries(sa.MetaData())):
        with op.batch_alter_table(table.name, recreate="always", copy_from=table):
            pass
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table.name}_refuse_{act} BEFORE {act} ON {table.name} "
                "BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END"
            )


def _one_of(words: list[str], name: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)


def _journal(metadata: sa.MetaData) -> sa.Table:
    return sa.Table(
        "journal_transactions",
        metadata,
        sa.Column("id", BIG, nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("kind", _one_of(KINDS, "ck_journal_transactions_journalkind"), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stripe_balance_transaction_id", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_journal_transactions"),
        sa.UniqueConstraint("cause", name="uq_journal_transactions_cause"),
        sa.UniqueConstraint(
            "stripe_balance_transaction_id", name="uq_journal_transactions_stripe_balance_transaction_id"
        ),
        sa.Index("ix_journal_transactions_occurred_at", "occurred_at"),
    )


def _entries(metadata: sa.MetaData) -> sa.Table:
    return sa.Table(
        "entries",
        metadata,
        sa.Column("id", BIG, nullable=False),
        sa.Column("transaction_id", BIG, nullable=False),
        sa.Column("account", _one_of(ACCOUNTS, "ck_entries_account"), nullable=False),
        sa.Column("amount_minor", BIG, nullable=False),
        sa.Column("amount_currency", sa.String(), nullable=False),
        sa.CheckConstraint("amount_minor <> 0", name="ck_entries_amount_not_zero"),
        sa.CheckConstraint("length(amount_currency) = 3", name="ck_entries_currency_known"),
        sa.ForeignKeyConstraint(
            ["transaction_id"], ["journal_transactions.id"], name="fk_entries_transaction_id_journal_transactions"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_entries"),
        sa.Index("ix_entries_account", "account"),
        sa.Index("ix_entries_transaction_id", "transaction_id"),
    )
