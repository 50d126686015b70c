"""The price that an invoice asks for, so that a receipt goes on saying what it was for."""

import sqlalchemy as sa
from alembic import op

revision = "0092"
down_revision = "0063"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("invoices") as invoices:
        invoices.add_column(sa.Column("price_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
        invoices.create_foreign_key(op.f("fk_invoices_price_id_prices"), "prices", ["price_id"], ["id"])


def downgrade() -> None:
    raise NotImplementedError
