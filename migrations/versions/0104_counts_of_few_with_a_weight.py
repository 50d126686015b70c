"""Keep back the counts of votes where few had a weight, the weight of a roll, and turnout that could be worked out."""

import json
from hashlib import sha256

import sqlalchemy as sa
from alembic import op

revision = "0104"
down_revision = "0135"
branch_labels = None
depends_on = None

TOO_FEW_TO_COUNT = 5
UNTOLD = {"weighted": None, "persons": None, "is_chosen_by_persons": None}
TRANSFERS = ("transfers", "transfers_by_persons")
ROUNDS = sa.table(
    "rounds",
    *(sa.column(name) for name in ("id", "state", "is_live")),
    *(sa.column(name, sa.JSON(none_as_null=True)) for name in ("result", "transfers", "standing")),
)
BALLOTS = sa.table("ballots", *map(sa.column, ("round_id", "weight")))
RECORDS = sa.table("round_records", *map(sa.column, ("round_id", "sha256", "body")))


def upgrade() -> None:
    connection = op.get_bind()
    for round_id, told in connection.execute(sa.select(ROUNDS.c.id, ROUNDS.c.result)).all():
        if told:
            _keep_back(connection, round_id, told)
    live = sa.select(ROUNDS.c.id, ROUNDS.c.standing).where(ROUNDS.c.state == "open", ROUNDS.c.is_live)
    for round_id, standing in connection.execute(live).all():
        if standing:
            _keep_standing(connection, round_id, standing)


def _keep_back(connection: sa.Connection, round_id: int, told: dict) -> None:
    is_few = bool(told["tally"]["ballots"]) and not told["listed"] and _has_few(_count(connection, round_id))
    # There are no steps without counts.
    changed = _changed(told, is_few) | ({"steps": 0} if is_few else {})
    values = {"result": changed} | ({"transfers": None} if is_few else {})
    connection.execute(ROUNDS.update().where(ROUNDS.c.id == round_id).values(**values))
    body = connection.scalar(sa.select(RECORDS.c.body).where(RECORDS.c.round_id == round_id))
    if body is not None:
        record = _changed(json.loads(body), is_few)
        record["tally"] |= dict.fromkeys(TRANSFERS) if is_few else {}
        body = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n"
        rewritten = {"sha256": sha256(body.encode()).hexdigest(), "body": body}
        connection.execute(RECORDS.update().where(RECORDS.c.round_id == round_id).values(**rewritten))


def _count(connection: sa.Connection, round_id: int) -> dict[int, int]:
    counted = sa.select(BALLOTS.c.weight, sa.func.count()).where(BALLOTS.c.round_id == round_id)
    return {row[0]: row[1] for row in connection.execute(counted.group_by(BALLOTS.c.weight))}


def _has_few(weights: dict[int, int]) -> bool:
    return any(number < TOO_FEW_TO_COUNT for number in weights.values())


def _changed(told: dict, is_few: bool) -> dict:
    roll = {name: value for name, value in told.get("roll", {}).items() if name != "weight"}
    told = told | ({"roll": roll} if "roll" in told else {})
    told |= {"turnout": _put_together(told["turnout"])} if "turnout" in told else {}
    if not is_few:
        return told
    chosen = {topic["slug"] for topic in told["tally"]["topics"] if topic["is_chosen"]}
    slugs = [topic["slug"] for topic in told.get("topics", told["tally"]["topics"])]
    order = sorted(slugs, key=lambda slug: slug not in chosen)
    topics = [{"slug": slug, "is_chosen": slug in chosen, **UNTOLD} for slug in order]
    untold = {"ballots": None, "weight": None, "topics": topics, "tied": None if told["tally"]["tied"] else []}
    return told | {"fewer_with_a_weight_than": TOO_FEW_TO_COUNT, "turnout": [], "tally": told["tally"] | untold}


def _put_together(turnout: list[dict]) -> list[dict]:
    """Leave one cell where some tiers were hidden: which of them the ballots' weights tell is not in the record."""
    if not any(cell["tier"] == "others" for cell in turnout):
        return turnout
    return [{"tier": "others"} | {name: sum(cell[name] for cell in turnout) for name in ("members", "voted")}]


def _keep_standing(connection: sa.Connection, round_id: int, standing: dict) -> None:
    """Count from now on, with each weight, and show nothing of those that few had."""
    is_few = any(topic["persons"] is None for topic in standing["tally"]["topics"])
    cast = {str(weight): number for weight, number in _count(connection, round_id).items()}
    kept = None if is_few else standing | {"cast": cast}
    connection.execute(ROUNDS.update().where(ROUNDS.c.id == round_id).values(standing=kept))


def downgrade() -> None:
    """What is kept back is not told again."""
