"""What a walk has seen that must be looked at closely: kept in the database, so that memory stays flat and nothing
is lost when it is cut off."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from membership.payments.fulfilment import Facts
from membership.reconcile import bodies
from membership.reconcile.grouping import KINDS, each, happened_at, names
from membership.reconcile.models import Sighting, SightingName
from membership.reconcile.sifting import Sifted

# A statement takes no more than some ten thousand values.
AT_ONCE = 1000


def names_among(session: Session, walk_id: int, facts: Facts) -> dict[str, str]:
    """Return what was kept before that has to do with any of these: names, and the keys that they stand for."""
    asked = sorted({name for _, snapshot in each(facts) for name in names(snapshot)})
    found: dict[str, str] = {}
    for start in range(0, len(asked), AT_ONCE):
        mine = SightingName.name.in_(asked[start : start + AT_ONCE])
        rows = session.execute(select(SightingName.name, SightingName.key).where(SightingName.walk_id == walk_id, mine))
        found |= {row.name: row.key for row in rows}
    return found


def keep(session: Session, walk_id: int, sifted: Sifted, now: datetime) -> None:
    """Keep what must be looked at closely; what is seen twice counts as it was seen later."""
    if not sifted.kept:
        return
    latest = {(one.kind, one.snapshot.id): one for one in sifted.kept}
    for start in range(0, len(latest), AT_ONCE):
        some = list(latest)[start : start + AT_ONCE]
        ids = [object_id for _, object_id in some]
        session.execute(delete(Sighting).where(Sighting.walk_id == walk_id, Sighting.object_id.in_(ids)))
    rows = [
        {
            "walk_id": walk_id,
            "kind": seen.kind,
            "object_id": seen.snapshot.id,
            "key": seen.key,
            "happened_at": happened_at(seen.snapshot) or now,
            "body": bodies.write(seen.kind, seen.snapshot),
        }
        for seen in latest.values()
    ]
    session.execute(insert(Sighting), rows)
    if sifted.names:
        named = [{"walk_id": walk_id, "name": name, "key": key} for name, key in sifted.names.items()]
        session.execute(insert(SightingName), named)


def next_keys(session: Session, walk_id: int, most: int) -> list[str]:
    """Return the keys of the oldest things that were kept, the oldest first."""
    oldest = select(Sighting.key).filter_by(walk_id=walk_id).order_by(Sighting.happened_at, Sighting.id.desc())
    return list(dict.fromkeys(session.scalars(oldest.limit(most))))


def read(session: Session, walk_id: int, keys: Iterable[str]) -> dict[str, Facts]:
    """Return everything that was kept under these keys, the oldest first."""
    wanted = select(Sighting.key, Sighting.kind, Sighting.body).where(Sighting.walk_id == walk_id)
    # Lists give the newest first: of one moment, what was kept later is older.
    wanted = wanted.where(Sighting.key.in_(keys)).order_by(Sighting.happened_at, Sighting.id.desc())
    found: dict[str, dict[str, list[object]]] = {key: {} for key in keys}
    for key, kind, body in session.execute(wanted):
        found[key].setdefault(kind, []).append(bodies.read(kind, body))
    return {key: _facts(kinds) for key, kinds in found.items()}


def _facts(kinds: Mapping[str, list[object]]) -> Facts:
    return Facts(**{kind: tuple(kinds.get(kind, ())) for kind in KINDS})  # type: ignore[arg-type]


def forget(session: Session, walk_id: int, keys: Iterable[str]) -> None:
    """Forget what was looked at; its names stay until the walk ends."""
    session.execute(delete(Sighting).where(Sighting.walk_id == walk_id, Sighting.key.in_(keys)))


def forget_all(session: Session, walk_id: int) -> None:
    """Forget everything that a walk has kept."""
    for kept in (Sighting, SightingName):
        session.execute(delete(kept).where(kept.walk_id == walk_id))
