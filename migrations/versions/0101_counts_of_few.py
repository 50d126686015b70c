"""Keep back the counts of votes in which fewer than five people took part."""

import json
from hashlib import sha256

import sqlalchemy as sa
from alembic import op

revision = "0101"
down_revision = "0097"
branch_labels = None
depends_on = None

TOO_FEW_TO_COUNT = 5
UNTOLD = {"ballots": None, "weight": None}
TRANSFERS = ("transfers", "transfers_by_persons")


def upgrade() -> None:
    connection = op.get_bind()
    rounds = sa.table("rounds", *(sa.column(name, sa.JSON(none_as_null=True)) for name in ("result", "transfers")))
    rounds.append_column(number := sa.column("id"))
    for round_id, told in connection.execute(sa.select(number, rounds.c.result)).all():
        if told and not told["listed"] and 0 < (told["tally"]["ballots"] or 0) < TOO_FEW_TO_COUNT:
            kept = _kept_back(told) | {"steps": 0}
            connection.execute(rounds.update().where(number == round_id).values(result=kept, transfers=None))
            _rewrite_record(connection, round_id)


def _kept_back(told: dict) -> dict:
    chosen = {topic["slug"] for topic in told["tally"]["topics"] if topic["is_chosen"]}
    slugs = [topic["slug"] for topic in told.get("topics", told["tally"]["topics"])]
    untold = {"weighted": None, "persons": None, "is_chosen_by_persons": None}
    topics = [
        {"slug": slug, "is_chosen": slug in chosen, **untold}
        for slug in sorted(slugs, key=lambda slug: slug not in chosen)
    ]
    tally = {**told["tally"], **UNTOLD, "topics": topics, "tied": None if told["tally"]["tied"] else []}
    return {**told, "fewer_than": TOO_FEW_TO_COUNT, "turnout": [], "tally": tally}


def _rewrite_record(connection: sa.Connection, round_id: int) -> None:
    records = sa.table("round_records", *map(sa.column, ("round_id", "sha256", "body")))
    body = connection.scalar(sa.select(records.c.body).where(records.c.round_id == round_id))
    if body is None:
        return
    told = _kept_back(json.loads(body))
    told["tally"] |= dict.fromkeys(TRANSFERS)
    body = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n"
    rewritten = {"sha256": sha256(body.encode()).hexdigest(), "body": body}
    connection.execute(records.update().where(records.c.round_id == round_id).values(**rewritten))


def downgrade() -> None:
    """What is kept back is not told again."""
