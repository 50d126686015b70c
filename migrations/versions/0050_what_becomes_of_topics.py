"""Topics that members suggest, follow and talk about; letters that people do not want."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0031"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
STATES = ["suggested", "merged", "declined", "shortlisted", "on_ballot", "chosen", "not_chosen", "assigned"]
STATES += ["published", "dropped"]
CHECKS = {
    "merged_into_another": "(state = 'merged') = (merged_into_id IS NOT NULL)",
    "merged_not_into_itself": "merged_into_id <> id",
}
KEYS = {"suggested_by_id": "patrons", "merged_into_id": "topics"}


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _lay_topics_anew()
    else:
        _widen_topics()
    for column in KEYS:
        op.create_index(op.f(f"ix_topics_{column}"), "topics", [column])
    _add_traces()
    _add_people()
    _add_rules()


def _columns() -> list[sa.Column]:
    return [
        sa.Column("links", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("edition", NUMBER, server_default="1", nullable=False),
        sa.Column("suggested_by_id", NUMBER),
        sa.Column("listed_at", MOMENT),
        sa.Column("merged_into_id", NUMBER),
        sa.Column("assignee", sa.String()),
        sa.Column("due_on", sa.Date()),
    ]


def _state(name: str) -> sa.Enum:
    return sa.Enum(*STATES, name=name, native_enum=False, create_constraint=True, length=32)


def _lay_topics_anew() -> None:
    with op.batch_alter_table("topics") as table:
        table.drop_constraint(op.f("ck_topics_topicstate"), type_="check")
        table.alter_column("state", type_=_state("topicstate"), existing_nullable=False)
        for column in _columns():
            table.add_column(column)
        for column, target in KEYS.items():
            table.create_foreign_key(op.f(f"fk_topics_{column}_{target}"), target, [column], ["id"])
        for name, rule in CHECKS.items():
            table.create_check_constraint(op.f(f"ck_topics_{name}"), rule)


def _widen_topics() -> None:
    # What is there fits already; it is looked through without keeping writers out.
    for column in _columns():
        op.add_column("topics", column)
    op.execute("ALTER TABLE topics DROP CONSTRAINT ck_topics_topicstate")
    listed = ", ".join(f"'{state}'" for state in STATES)
    rules = {"topicstate": f"CHECK (state IN ({listed}))"} | {name: f"CHECK ({rule})" for name, rule in CHECKS.items()}
    named = {f"ck_topics_{name}": rule for name, rule in rules.items()}
    for column, target in KEYS.items():
        named[f"fk_topics_{column}_{target}"] = f"FOREIGN KEY ({column}) REFERENCES {target} (id)"
    for name, rule in named.items():
        op.execute(f"ALTER TABLE topics ADD CONSTRAINT {name} {rule} NOT VALID")


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"))


def _add_traces() -> None:
    op.create_table(
        "topic_steps",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("topic_id", NUMBER, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("state", _state("topicstate"), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        _key("topic_steps", "topic_id", "topics"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topic_steps")),
    )
    op.create_index(op.f("ix_topic_steps_topic_id"), "topic_steps", ["topic_id"])
    op.create_table(
        "topic_editions",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("topic_id", NUMBER, nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.Column("why", sa.JSON(), nullable=False),
        sa.Column("links", sa.JSON(), nullable=False),
        sa.Column("replaced_at", MOMENT, nullable=False),
        sa.Column("replaced_by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        _key("topic_editions", "topic_id", "topics"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topic_editions")),
        sa.UniqueConstraint("topic_id", "number", name=op.f("uq_topic_editions_topic_id_number")),
    )


def _add_people() -> None:
    op.create_table(
        "topic_followers",
        sa.Column("topic_id", NUMBER, nullable=False),
        sa.Column("patron_id", NUMBER, nullable=False),
        sa.Column("supports", sa.Boolean(), nullable=False),
        sa.Column("follows", sa.Boolean(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        _key("topic_followers", "topic_id", "topics"),
        _key("topic_followers", "patron_id", "patrons"),
        sa.PrimaryKeyConstraint("topic_id", "patron_id", name=op.f("pk_topic_followers")),
    )
    op.create_index(op.f("ix_topic_followers_patron_id"), "topic_followers", ["patron_id"])
    op.create_table(
        "topic_comments",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("topic_id", NUMBER, nullable=False),
        sa.Column("patron_id", NUMBER),
        sa.Column("signed_as", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("hidden_at", MOMENT),
        sa.Column("hidden_reason", sa.String()),
        _key("topic_comments", "topic_id", "topics"),
        _key("topic_comments", "patron_id", "patrons"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topic_comments")),
    )
    for column in ("topic_id", "patron_id"):
        op.create_index(op.f(f"ix_topic_comments_{column}"), "topic_comments", [column])


def _add_rules() -> None:
    op.create_table(
        "house_rules",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("per_month", NUMBER, nullable=False),
        sa.Column("per_tier", sa.JSON(), nullable=False),
        sa.Column("lists_at_once", sa.Boolean(), nullable=False),
        sa.Column("has_comments", sa.Boolean(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_house_rules_single")),
        sa.CheckConstraint("per_month >= 0", name=op.f("ck_house_rules_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_house_rules")),
    )
    op.create_table(
        "letter_wishes",
        sa.Column("patron_id", NUMBER, nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("stopped", sa.JSON(), nullable=False),
        _key("letter_wishes", "patron_id", "patrons"),
        sa.PrimaryKeyConstraint("patron_id", name=op.f("pk_letter_wishes")),
        sa.UniqueConstraint("token", name=op.f("uq_letter_wishes_token")),
    )
