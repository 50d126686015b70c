"""What was planned when somebody stopped, to come back if she goes on; until when her support rests for a gift."""

import sqlalchemy as sa
from alembic import op

revision = "0095"
down_revision = "0092"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NAME = "fk_subscriptions_set_aside_price_id_prices"
KEY = "FOREIGN KEY (set_aside_price_id) REFERENCES prices (id)"


def upgrade() -> None:
    op.add_column("subscriptions", sa.Column("rests_until", sa.DateTime(timezone=True)))
    if op.get_bind().dialect.name == "sqlite":
        with op.batch_alter_table("subscriptions") as table:
            table.add_column(sa.Column("set_aside_price_id", NUMBER))
            table.create_foreign_key(op.f(NAME), "prices", ["set_aside_price_id"], ["id"])
        return
    # Writers are kept out for a moment only: what is there is looked through without a lock on them.
    op.add_column("subscriptions", sa.Column("set_aside_price_id", NUMBER))
    op.execute(f"ALTER TABLE subscriptions ADD CONSTRAINT {NAME} {KEY} NOT VALID")


def downgrade() -> None:
    with op.batch_alter_table("subscriptions") as table:
        table.drop_constraint(op.f(NAME), type_="foreignkey")
        table.drop_column("set_aside_price_id")
        table.drop_column("rests_until")
