"""What a reader may do with her support: more prices, changes, pauses, coupons, links in letters."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0034"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
OFFERED = "retired_at IS NULL AND kind <> 'chosen'"
CHECKS = {
    "prices": {
        "ck_prices_interval": "interval IN ('month', 'quarter', 'year')",
        "ck_prices_pricekind": "kind IN ('listed', 'concession', 'chosen')",
    },
    "tiers": {
        "ck_tiers_grace_within_patience": "grace_days BETWEEN 0 AND give_up_days",
        "ck_tiers_reminder_within_patience": "reminder_days BETWEEN 1 AND give_up_days",
        "ck_tiers_pause_short": "pause_months BETWEEN 0 AND 3",
    },
}
KEYS = {
    "subscriptions": ("fk_subscriptions_next_price_id_prices", "next_price_id", "prices"),
    "subscription_intents": ("fk_subscription_intents_coupon_id_coupons", "coupon_id", "coupons"),
}


def upgrade() -> None:
    _create_tables()
    _add_columns()
    op.drop_index("uq_prices_open", "prices")
    columns = ["tier_id", "interval", "amount_currency", "kind"]
    where = {"sqlite_where": sa.text(OFFERED), "postgresql_where": sa.text(OFFERED)}
    op.create_index("uq_prices_open", "prices", columns, unique=True, **where)
    (_constrain_sqlite if op.get_bind().dialect.name == "sqlite" else _constrain_postgresql)()


def _add_columns() -> None:
    op.add_column("prices", sa.Column("kind", sa.String(32), nullable=False, server_default="listed"))
    op.add_column("tiers", sa.Column("takes_more", sa.Boolean(), nullable=False, server_default=sa.true()))
    for name, default in (("grace_days", 14), ("reminder_days", 7), ("give_up_days", 28), ("pause_months", 3)):
        op.add_column("tiers", sa.Column(name, NUMBER, nullable=False, server_default=str(default)))
    for name in ("paused_until", "next_price_at", "pending_until"):
        op.add_column("subscriptions", sa.Column(name, MOMENT))
    op.add_column("subscriptions", sa.Column("next_price_id", NUMBER))
    op.add_column("subscription_intents", sa.Column("coupon_id", NUMBER))
    op.add_column("invoices", sa.Column("decline_code", sa.String()))


def _constrain_postgresql() -> None:
    op.execute("ALTER TABLE prices DROP CONSTRAINT ck_prices_interval")
    for table, checks in CHECKS.items():
        for name, rule in checks.items():
            _constrain(table, name, f"CHECK ({rule})")
    for table, (name, column, other) in KEYS.items():
        _constrain(table, name, f"FOREIGN KEY ({column}) REFERENCES {other} (id)")


def _constrain(table: str, name: str, rule: str) -> None:
    # What is there is looked through without keeping writers out.
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {rule} NOT VALID")


def _constrain_sqlite() -> None:
    # These tables are referred to, so they cannot be copied and dropped; constraints are only words in the schema, and
    # all that is there fits the new ones: https://www.sqlite.org/lang_altertable.html#making_other_kinds_of_table_schema_changes
    op.execute("PRAGMA writable_schema = ON")
    _reword("prices", ", \n\tCONSTRAINT ck_prices_interval CHECK (interval IN ('month', 'year'))", "")
    for table, checks in CHECKS.items():
        for name, rule in checks.items():
            _append(table, f"CONSTRAINT {name} CHECK ({rule})")
    for table, (name, column, other) in KEYS.items():
        _append(table, f"CONSTRAINT {name} FOREIGN KEY({column}) REFERENCES {other} (id)")
    op.execute("PRAGMA writable_schema = RESET")


def _reword(table: str, before: str, after: str) -> None:
    reword = sa.text(
        "UPDATE sqlite_master SET sql = replace(sql, :before, :after) WHERE type = 'table' AND name = :name"
    )
    op.execute(reword.bindparams(before=before, after=after, name=table))


def _append(table: str, constraint: str) -> None:
    append = (
        "UPDATE sqlite_master SET sql = substr(sql, 1, length(sql) - 1) || :words WHERE type = 'table' AND name = :name"
    )
    op.execute(sa.text(append).bindparams(words=f", {constraint})", name=table))


def _create_tables() -> None:
    op.create_table(
        "coupons",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("tier_id", NUMBER, nullable=True),
        sa.Column("percent_off", NUMBER, nullable=True),
        sa.Column("amount_off_minor", NUMBER, nullable=True),
        sa.Column("amount_off_currency", sa.String(), nullable=True),
        sa.Column(
            "duration",
            sa.Enum(
                "once",
                "repeating",
                "forever",
                name="couponduration",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("months", NUMBER, nullable=True),
        sa.Column("most_uses", NUMBER, nullable=True),
        sa.Column("ends_at", MOMENT, nullable=True),
        sa.Column("stripe_coupon_id", sa.String(), nullable=True),
        sa.Column("stripe_promotion_code_id", sa.String(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("retired_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "(duration = 'repeating') = (months IS NOT NULL)", name=op.f("ck_coupons_repeating_has_months")
        ),
        sa.CheckConstraint(
            "(amount_off_minor IS NULL) = (amount_off_currency IS NULL)", name=op.f("ck_coupons_amount_has_a_currency")
        ),
        sa.CheckConstraint("(percent_off IS NULL) <> (amount_off_minor IS NULL)", name=op.f("ck_coupons_one_discount")),
        sa.CheckConstraint("amount_off_minor > 0", name=op.f("ck_coupons_amount_positive")),
        sa.CheckConstraint("percent_off BETWEEN 1 AND 100", name=op.f("ck_coupons_percent_possible")),
        sa.ForeignKeyConstraint(["tier_id"], ["tiers.id"], name=op.f("fk_coupons_tier_id_tiers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coupons")),
        sa.UniqueConstraint("code", name=op.f("uq_coupons_code")),
        sa.UniqueConstraint("stripe_coupon_id", name=op.f("uq_coupons_stripe_coupon_id")),
        sa.UniqueConstraint("stripe_promotion_code_id", name=op.f("uq_coupons_stripe_promotion_code_id")),
    )
    op.create_table(
        "price_rises",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("price_id", NUMBER, nullable=False),
        sa.Column("takes_effect_at", MOMENT, nullable=False),
        sa.Column("announced_at", MOMENT, nullable=False),
        sa.Column("called_off_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["price_id"], ["prices.id"], name=op.f("fk_price_rises_price_id_prices")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_rises")),
        sa.UniqueConstraint("price_id", name=op.f("uq_price_rises_price_id")),
    )
    op.create_table(
        "letter_links",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("subscription_id", NUMBER, nullable=False),
        sa.Column(
            "purpose",
            sa.Enum("stop", "once", name="purpose", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["subscriptions.id"], name=op.f("fk_letter_links_subscription_id_subscriptions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_links")),
        sa.UniqueConstraint("subscription_id", "purpose", name=op.f("uq_letter_links_subscription_id_purpose")),
    )
    op.create_table(
        "rise_notices",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("rise_id", NUMBER, nullable=False),
        sa.Column("subscription_id", NUMBER, nullable=False),
        sa.Column("told_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("moved_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["rise_id"], ["price_rises.id"], name=op.f("fk_rise_notices_rise_id_price_rises")),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["subscriptions.id"], name=op.f("fk_rise_notices_subscription_id_subscriptions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rise_notices")),
        sa.UniqueConstraint("rise_id", "subscription_id", name=op.f("uq_rise_notices_rise_id_subscription_id")),
    )
    op.create_index(op.f("ix_rise_notices_subscription_id"), "rise_notices", ["subscription_id"], unique=False)
    op.create_table(
        "stops",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("subscription_id", NUMBER, nullable=False),
        sa.Column("door", sa.String(), nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "money",
                "time",
                "coverage",
                "technical",
                "once",
                "other",
                name="stopreason",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["subscriptions.id"], name=op.f("fk_stops_subscription_id_subscriptions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stops")),
    )
    op.create_index(op.f("ix_stops_subscription_id"), "stops", ["subscription_id"], unique=False)
    op.create_table(
        "subscription_changes",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("subscription_id", NUMBER, nullable=False),
        sa.Column("price_id", NUMBER, nullable=False),
        sa.Column(
            "moment",
            sa.Enum("now", "period_end", name="changemoment", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "started",
                "done",
                "waiting",
                "failed",
                name="changestatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("counted_from", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["price_id"], ["prices.id"], name=op.f("fk_subscription_changes_price_id_prices")),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscriptions.id"],
            name=op.f("fk_subscription_changes_subscription_id_subscriptions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription_changes")),
        sa.UniqueConstraint("reference", name=op.f("uq_subscription_changes_reference")),
    )
    op.create_index(
        op.f("ix_subscription_changes_subscription_id"), "subscription_changes", ["subscription_id"], unique=False
    )
    op.create_index(
        "uq_subscription_changes_started",
        "subscription_changes",
        ["subscription_id"],
        unique=True,
        sqlite_where=sa.text("status = 'started'"),
        postgresql_where=sa.text("status = 'started'"),
    )
