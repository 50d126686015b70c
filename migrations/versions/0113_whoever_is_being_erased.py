"""From when on a patron is being forgotten, told on her row, so that nothing is begun with it any more."""

from alembic import op

revision = "0113"
down_revision = "0120"
branch_labels = None
depends_on = None

NAMED = "ck_patrons_nobody_enters_who_is_erased"
RULE = "erasure_asked_at IS NULL OR confirmed_at IS NULL"


def upgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    check = f" CONSTRAINT {NAMED} CHECK ({RULE})" if is_sqlite else ""
    kind = "DATETIME" if is_sqlite else "TIMESTAMP WITH TIME ZONE"
    op.execute(f"ALTER TABLE patrons ADD COLUMN erasure_asked_at {kind}{check}")
    op.execute(
        "UPDATE patrons SET confirmed_at = NULL,"
        " erasure_asked_at = (SELECT asked_at FROM erasures WHERE erasures.patron_id = patrons.id)"
        " WHERE id IN (SELECT patron_id FROM erasures)"
    )
    if not is_sqlite:
        # Looked through without keeping writers out.
        op.execute(f"ALTER TABLE patrons ADD CONSTRAINT {NAMED} CHECK ({RULE}) NOT VALID")
