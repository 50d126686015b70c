"""How a round is voted and counted, who may vote in it, and when its result is published."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0010"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
METHODS = ("approval", "single", "ranked", "score", "dots")
STATES = ("draft", "open", "closed", "published")
NEW_CHECKS = {
    "closed_has_a_time": "(state IN ('closed', 'published')) = (closed_at IS NOT NULL)",
    "published_has_a_time": "(state = 'published') = (published_at IS NOT NULL)",
    "dots_have_a_budget": "(method = 'dots') = (budget IS NOT NULL)",
    "scores_have_a_top": "(method = 'score') = (top_score IS NOT NULL)",
    "quorum_is_a_share": "quorum_percent BETWEEN 0 AND 100",
    "spans_not_negative": "min_months >= 0 AND hold_hours >= 0",
}


def upgrade() -> None:
    _widen_rounds()
    # What was closed was public at once.
    op.execute("UPDATE rounds SET state = 'published', published_at = closed_at WHERE state = 'closed'")
    with op.batch_alter_table("rounds") as table:
        for name, rule in NEW_CHECKS.items():
            table.create_check_constraint(op.f(f"ck_rounds_{name}"), rule)
    op.add_column("roll_entries", sa.Column("tier", sa.String()))
    op.add_column("roll_entries", sa.Column("struck_at", sa.DateTime(timezone=True)))
    op.add_column("roll_entries", sa.Column("struck_why", sa.String()))
    op.add_column("ballots", sa.Column("name", sa.String()))
    _add_guests()


def _widen_rounds() -> None:
    with op.batch_alter_table("rounds") as table:
        for name in ("method", "roundstate", op.f("ck_rounds_closed_has_a_time")):
            table.drop_constraint(name if name.startswith("ck_") else op.f(f"ck_rounds_{name}"), type_="check")
        table.alter_column("method", type_=_one_of("method", METHODS), existing_nullable=False)
        table.alter_column("state", type_=_one_of("roundstate", STATES), existing_nullable=False)
        table.add_column(sa.Column("budget", NUMBER))
        table.add_column(sa.Column("top_score", NUMBER))
        for name in ("quorum_percent", "hold_hours", "min_months"):
            table.add_column(sa.Column(name, NUMBER, nullable=False, server_default="0"))
        for name, default in (("is_anonymous", sa.true()), ("is_live", sa.false()), ("is_open_roll", sa.false())):
            table.add_column(sa.Column(name, sa.Boolean(), nullable=False, server_default=default))
        for name, default in (("flags", '["vote"]'), ("tiers", "[]"), ("weights", "{}"), ("extensions", "[]")):
            table.add_column(sa.Column(name, sa.JSON(), nullable=False, server_default=default))
        table.add_column(sa.Column("published_at", sa.DateTime(timezone=True)))
        table.add_column(sa.Column("standing", sa.JSON()))


def _one_of(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def _add_guests() -> None:
    op.create_table(
        "round_guests",
        sa.Column("round_id", NUMBER, sa.ForeignKey("rounds.id", name=op.f("fk_round_guests_round_id_rounds"))),
        sa.Column("patron_id", NUMBER, sa.ForeignKey("patrons.id", name=op.f("fk_round_guests_patron_id_patrons"))),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("round_id", "patron_id", name=op.f("pk_round_guests")),
    )
    op.create_index(op.f("ix_round_guests_patron_id"), "round_guests", ["patron_id"])


def downgrade() -> None:
    raise NotImplementedError
