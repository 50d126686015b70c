"""Write the stored results of rounds as they are written since rounds have methods."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0020"
branch_labels = None
depends_on = None

LISTED_FROM = 20
SHIELDED_BELOW = 5
NEW_FACTS = {
    "format": "membership.round/2",
    "budget": None,
    "top_score": None,
    "quorum_percent": 0,
    "extensions": [],
    "weights": {},
    "struck_off": 0,
    "turnout": [],
}


def upgrade() -> None:
    connection = op.get_bind()
    for number, stored in connection.execute(sa.text("SELECT id, result FROM rounds WHERE result IS NOT NULL")).all():
        told = json.loads(stored) if isinstance(stored, str) else stored
        if told and told.get("format") == "membership.round/1":
            result = json.dumps(_rewritten(told, _count_weights(connection, number)))
            connection.execute(
                sa.text("UPDATE rounds SET result = :result WHERE id = :number"), {"result": result, "number": number}
            )


def _count_weights(connection: sa.Connection, number: int) -> list[int]:
    counted = sa.text("SELECT count(*) FROM ballots WHERE round_id = :number GROUP BY weight")
    return list(connection.scalars(counted, {"number": number}))


def _rewritten(told: dict, numbers: list[int]) -> dict:
    is_small = bool(numbers) and min(numbers) < SHIELDED_BELOW
    tally = {**told["tally"], "needed": 0, "transfers": None, "transfers_by_persons": None}
    if is_small and len(numbers) > 1:
        tally["topics"] = [{**topic, "persons": None} for topic in tally["topics"]]
    return {**told, **NEW_FACTS, "listed": sum(numbers) >= LISTED_FROM and not is_small, "tally": tally}


def downgrade() -> None:
    raise NotImplementedError
