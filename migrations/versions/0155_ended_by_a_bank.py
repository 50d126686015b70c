"""Whether a standing order was ended by money that went back: what is still good of what was paid counts to its end."""

import sqlalchemy as sa
from alembic import op

revision = "0155"
down_revision = "0160"
branch_labels = None
depends_on = None

_DISPUTED = """
UPDATE subscriptions SET is_cut_off = true WHERE EXISTS (
    SELECT 1 FROM disputes
    JOIN payments ON payments.id = disputes.payment_id
    JOIN invoices ON invoices.id = payments.invoice_id
    WHERE invoices.subscription_id = subscriptions.id AND disputes.status IN ('open', 'lost', 'won')
    AND (subscriptions.ended_at IS NULL OR disputes.opened_at <= subscriptions.ended_at)
)
"""


def upgrade() -> None:
    op.add_column("subscriptions", sa.Column("is_cut_off", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute(_DISPUTED)


def downgrade() -> None:
    op.drop_column("subscriptions", "is_cut_off")
