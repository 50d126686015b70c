"""How often a code was used, counted when a checkout with it is paid."""

import sqlalchemy as sa
from alembic import op

revision = "0096"
down_revision = "0095"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COUNT = """UPDATE coupons SET uses = (
    SELECT count(*) FROM subscription_intents WHERE coupon_id = coupons.id AND status = 'completed'
)"""


def upgrade() -> None:
    op.add_column("coupons", sa.Column("uses", NUMBER, nullable=False, server_default="0"))
    op.execute(COUNT)


def downgrade() -> None:
    op.drop_column("coupons", "uses")
