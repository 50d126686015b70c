"""One walks at a time; who was killed leaves the way free after a minute."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

from membership.clock import utc_now
from membership.db import transaction
from membership.reconcile import service
from membership.reconcile.errors import AlreadyRunning

BREATH = timedelta(seconds=10)


class Lease:
    """The right to walk, for as long as whoever holds it goes on breathing."""

    def __init__(self, until: datetime) -> None:
        self.until = until

    def breathe(self) -> None:
        """Go on; raises AlreadyRunning when that was forgotten for too long and somebody else walks."""
        now = utc_now()
        if now + service.LEASE - self.until >= BREATH:
            with transaction() as session:
                self.until = service.keep_lease(session, self.until, now + service.LEASE)


@contextmanager
def alone() -> Iterator[Lease]:
    """Be the one that walks; raises AlreadyRunning."""
    with transaction() as session:
        lease = Lease(service.take_lease(session, utc_now()))
    try:
        yield lease
    finally:
        with suppress(AlreadyRunning), transaction() as session:
            service.keep_lease(session, lease.until, utc_now())
