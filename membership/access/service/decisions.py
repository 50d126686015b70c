"""Gather everything that can give access, and decide."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session

from membership.access.errors import UnknownSubject
from membership.access.rules import Decision, decide
from membership.access.service.causes import (
    CAUSES_BEHIND,
    CAUSES_NOW,
    CAUSES_OF,
    CAUSES_OF_MANY,
    read_cause,
    read_reader,
)
from membership.access.service.prepared import Prepared


@dataclass(frozen=True, slots=True)
class Member:
    """A patron who holds a flag now: by which tier, with which weight in a vote, and why."""

    patron_id: int
    tier_slug: str
    weight: int
    reason: str


def decide_for(session: Session, patron_id: int, now: datetime) -> Decision:
    """Decide what one patron may have now."""
    return _decide(session.execute(CAUSES_OF, {"patron_id": patron_id}).all(), now)


def decide_for_many(session: Session, patron_ids: Sequence[int], now: datetime) -> dict[int, Decision]:
    """Decide what each of several patrons may have now, in one query."""
    rows: defaultdict[int, list[Any]] = defaultdict(list)
    for row in session.execute(CAUSES_OF_MANY, {"patron_ids": patron_ids}):
        rows[row.patron_id].append(row)
    return {patron_id: _decide(about, now) for patron_id, about in rows.items()}


def decide_for_subject(connection: Connection, site_id: int, subject: str, now: datetime) -> Decision:
    """Decide for whom a site knows by this name; raises UnknownSubject, for other sites' names too."""
    return decide_from(connection.execute(CAUSES_BEHIND, {"site_id": site_id, "subject": subject}).all(), now)


def prepare_causes(reader: Engine) -> Prepared:
    """Make ready the query for what a site's reader may have; its rows are for decide_from."""
    return Prepared(CAUSES_BEHIND, reader)


def decide_from(rows: Sequence[Any], now: datetime) -> Decision:
    """Decide from the rows about a site's reader; raises UnknownSubject when there are none."""
    if not rows:
        raise UnknownSubject
    return _decide(rows, now)


def flags_of(session: Session, patron_id: int, now: datetime) -> frozenset[str]:
    """Return the access flags that a patron holds now."""
    return decide_for(session, patron_id, now).flags


def list_members(session: Session, flag: str, now: datetime) -> list[Member]:
    """List every patron who holds a flag now, in one query however many they are."""
    rows: defaultdict[int, list[Any]] = defaultdict(list)
    for row in session.execute(CAUSES_NOW, {"now": now}):
        rows[row.patron_id].append(row)
    decided = ((patron_id, _decide(rows[patron_id], now)) for patron_id in sorted(rows))
    return list(_members(decided, flag))


def _members(decided: Iterator[tuple[int, Decision]], flag: str) -> Iterator[Member]:
    for patron_id, decision in decided:
        grant = decision.best_with(flag)
        if grant is not None:
            yield Member(patron_id, grant.level.slug, grant.level.weight, grant.reason)


def _decide(rows: Sequence[Any], now: datetime) -> Decision:
    return decide([read_cause(row) for row in rows if row.slug is not None], now, read_reader(rows))
