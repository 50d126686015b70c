"""Access flags that staff define; those in use by tiers get a row, under their own name."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0081"
down_revision = "0086"
branch_labels = None
depends_on = None

BUILT_IN = {"paywall_free", "no_ads", "no_appeals", "vote"}


def upgrade() -> None:
    flags = op.create_table(
        "flags",
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_flags")),
    )
    used: set[str] = set()
    for (stored,) in op.get_bind().execute(sa.text("SELECT flags FROM tiers")).all():
        used |= set(json.loads(stored) if isinstance(stored, str) else stored)
    op.bulk_insert(flags, [{"slug": slug, "name": {"en": slug}} for slug in sorted(used - BUILT_IN)])


def downgrade() -> None:
    op.drop_table("flags")
