"""What comes with a gift: what covers its fees, names and words, how the money came; and what fees are."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PURPOSES = "'donation', 'membership'"
METHODS = "'stripe', 'bank', 'cheque', 'cash', 'paypal', 'crypto', 'in_kind', 'grant'"
# A column with a constant default is added without writing a single row, on both databases.
COLUMNS = (
    ("cover_minor", "INTEGER", "BIGINT", "0"),
    ("purpose", "VARCHAR(32)", "VARCHAR(32)", "'donation'"),
    ("method", "VARCHAR(32)", "VARCHAR(32)", "'stripe'"),
    ("honouree", "VARCHAR", "VARCHAR", "''"),
    ("message", "VARCHAR", "VARCHAR", "''"),
    ("is_anonymous", "BOOLEAN", "BOOLEAN", "false"),
)
CHECKS = {
    "cover_minor": ("ck_donations_cover_is_a_part", "cover_minor >= 0 AND cover_minor < amount_minor"),
    "purpose": ("ck_donations_purpose", f"purpose IN ({PURPOSES})"),
    "method": ("ck_donations_method", f"method IN ({METHODS})"),
}


def upgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for name, on_sqlite, on_postgresql, default in COLUMNS:
        named, rule = CHECKS.get(name, ("", ""))
        check = f" CONSTRAINT {named} CHECK ({rule})" if named and is_sqlite else ""
        kind = on_sqlite if is_sqlite else on_postgresql
        op.execute(f"ALTER TABLE donations ADD COLUMN {name} {kind} DEFAULT {default} NOT NULL{check}")
    if not is_sqlite:
        for named, rule in CHECKS.values():
            # What is there fits already; it is looked through without keeping writers out.
            op.execute(f"ALTER TABLE donations ADD CONSTRAINT {named} CHECK ({rule}) NOT VALID")
    op.create_table(
        "fee_rates",
        sa.Column("id", BIG, nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("basis_points", BIG, nullable=False),
        sa.Column("fixed_minor", BIG, nullable=False),
        sa.Column("cap_minor", BIG, nullable=True),
        sa.Column("position", BIG, nullable=False),
        sa.CheckConstraint("basis_points BETWEEN 0 AND 2000", name=op.f("ck_fee_rates_share_believable")),
        sa.CheckConstraint("cap_minor > 0", name=op.f("ck_fee_rates_cap_positive")),
        sa.CheckConstraint("fixed_minor >= 0", name=op.f("ck_fee_rates_fixed_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fee_rates")),
        sa.UniqueConstraint("currency", "kind", name=op.f("uq_fee_rates_currency_kind")),
    )
