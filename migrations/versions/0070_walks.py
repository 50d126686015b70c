"""Walks over Stripe's lists go on where they were cut off."""

import sqlalchemy as sa
from alembic import op

revision = "0070"
down_revision = "0080"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OPEN = sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "walks",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("is_dry", sa.Boolean(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("step", sa.String(), nullable=True),
        sa.Column("after", sa.String(), nullable=True),
        sa.Column("seen", NUMBER, nullable=False),
        sa.Column("others", sa.JSON(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_walks")),
    )
    op.create_index("uq_walks_open", "walks", ["is_dry"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index("ix_walks_ended_at", "walks", ["ended_at"])
    op.create_table(
        "sightings",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("walk_id", NUMBER, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("object_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["walk_id"], ["walks.id"], name=op.f("fk_sightings_walk_id_walks")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sightings")),
        sa.UniqueConstraint("walk_id", "object_id", name=op.f("uq_sightings_walk_id_object_id")),
    )
    op.create_index("ix_sightings_walk_id_key", "sightings", ["walk_id", "key"])
    op.create_index("ix_sightings_walk_id_happened_at", "sightings", ["walk_id", "happened_at"])
    op.create_table(
        "sighting_names",
        sa.Column("walk_id", NUMBER, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["walk_id"], ["walks.id"], name=op.f("fk_sighting_names_walk_id_walks")),
        sa.PrimaryKeyConstraint("walk_id", "name", name=op.f("pk_sighting_names")),
    )
    op.create_table(
        "walk_findings",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("walk_id", NUMBER, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("object_id", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("is_repaired", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["walk_id"], ["walks.id"], name=op.f("fk_walk_findings_walk_id_walks")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_walk_findings")),
        sa.UniqueConstraint("walk_id", "object_id", "what", name=op.f("uq_walk_findings_walk_id_object_id_what")),
    )
    op.create_index("ix_walk_findings_walk_id_key", "walk_findings", ["walk_id", "key"])


def downgrade() -> None:
    for table in ("walk_findings", "sighting_names", "sightings", "walks"):
        op.drop_table(table)
