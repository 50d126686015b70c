"""Walks Stripe's lists, compares them with our rows, and has what differs recorded like any other news, quietly.

First everything is listed, and what may differ is kept; then that is looked at closely, and mended. Either goes on
where it was cut off, by whatever.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, islice

from membership import db
from membership.clock import utc_now
from membership.db import transaction
from membership.gateway.current import gateway
from membership.reconcile import service, walks
from membership.reconcile.lease import Lease, alone
from membership.reconcile.listing import Listing
from membership.reconcile.mending import NOTHING_TOLD, Explain, Mending
from membership.reconcile.models import Walk

__all__ = ["NOTHING_TOLD", "Explain", "Finding", "Hear", "Report", "findings", "reconcile"]
# Told now and then how far a walk has come: at what it is, and how many objects it has seen there.
Hear = Callable[[str, int], None]
# So many differences are told by name in a report, so that it stays small; `findings` gives them all.
MOST_TOLD = 1000


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference, why it arose, and whether it is gone now."""

    object_id: str
    what: str
    cause: str
    is_repaired: bool


@dataclass(frozen=True, slots=True)
class Report:
    """What a walk saw and found; `findings` are the first of them. A walk that is not done rests, to be gone on with.

    `strangers` counts by kind what is not ours: other products on the account.
    """

    walk_id: int
    is_done: bool
    since: datetime
    seen: int
    strangers: Mapping[str, int]
    found: int
    left: int
    findings: tuple[Finding, ...]

    @property
    def others(self) -> int:
        """How often money moved for products that are not ours, and was not in the books yet."""
        return self.strangers.get("settlements", 0)


def reconcile(
    explain: Explain,
    *,
    since: datetime | None = None,
    dry_run: bool = False,
    stretch: timedelta | None = None,
    hear: Hear = lambda at, seen: None,
) -> Report:
    """Bring our rows in line with Stripe without any event; raises AlreadyRunning. Sends no mail, ever.

    Goes on with a walk that was cut off; rests after a stretch of time.
    """
    with alone() as lease:
        began = utc_now()
        with transaction() as session:
            start = since or service.next_start(session)
            walk = walks.begin(session, start, began, is_dry=dry_run, since_is_named=since is not None)
        for at, seen in _steps(walk, explain, lease):
            hear(at, seen)
            if stretch is not None and utc_now() - began >= stretch:
                return _report(walk.id)
        _end(walk.id)
        return _report(walk.id)


def findings(walk_id: int) -> Iterator[Finding]:
    """Yield everything that a walk found."""
    for one in walks.findings(db.session(), walk_id):
        yield Finding(one.object_id, one.what, one.cause, one.is_repaired)


def _steps(walk: Walk, explain: Explain, lease: Lease) -> Iterator[tuple[str, int]]:
    stripe = gateway().patient()
    return chain(Listing(walk, stripe, lease).go(), Mending(walk, stripe, lease, explain).go())


def _end(walk_id: int) -> None:
    with transaction() as session:
        walk = session.get_one(Walk, walk_id)
        walks.end(session, walk, utc_now())
        _, left = walks.count(session, walk_id)
        # What is ours and could not be mended is listed again by the next walk, however late that succeeds.
        if not walk.is_dry and not left:
            service.reach(session, walk.started_at)


def _report(walk_id: int) -> Report:
    walk = db.session().get_one(Walk, walk_id)
    found, left = walks.count(db.session(), walk_id)
    told = tuple(islice(findings(walk_id), MOST_TOLD))
    db.release()
    return Report(walk_id, walk.ended_at is not None, walk.since, walk.seen, walk.others, found, left, told)
