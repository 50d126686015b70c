"""Keep the steps of ranked ballots apart from results, and public records as they are served."""

import sqlalchemy as sa
from alembic import op

revision = "0076"
down_revision = "0075"
branch_labels = None
depends_on = None

TRANSFERS = ("transfers", "transfers_by_persons")


def upgrade() -> None:
    op.add_column("rounds", sa.Column("transfers", sa.JSON()))
    op.create_table(
        "round_records",
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_round_records_round_id_rounds")),
        sa.PrimaryKeyConstraint("round_id", name=op.f("pk_round_records")),
    )
    connection = op.get_bind()
    rounds = sa.table("rounds", *(sa.column(name, sa.JSON(none_as_null=True)) for name in ("result", "transfers")))
    rounds.append_column(number := sa.column("id"))
    for round_id, told in connection.execute(sa.select(number, rounds.c.result)).all():
        if told:
            result, transfers = _part(told)
            written = rounds.update().where(number == round_id).values(result=result, transfers=transfers)
            connection.execute(written)


def _part(told: dict) -> tuple[dict, dict | None]:
    counted = dict(told["tally"])
    transfers = {name: counted.pop(name, None) for name in TRANSFERS}
    steps = len(transfers["transfers"]["steps"]) if transfers["transfers"] else 0
    return {**told, "tally": counted, "steps": steps}, transfers if steps else None


def downgrade() -> None:
    raise NotImplementedError
