"""The worker's loop: claim, do, mark; what fails is put off, what must happen regularly is written down when due."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from threading import Event
from typing import Any

import structlog
from sqlalchemy.exc import OperationalError, TimeoutError
from sqlalchemy.orm import Session

from membership.clock import utc_now
from membership.db import transaction
from membership.jobs import service
from membership.jobs.service import Claim

Handler = Callable[[dict[str, Any]], None]
# While there is work, regular work is written down, and the worker seen, once in so long.
BEAT = timedelta(seconds=1)
log = structlog.get_logger("membership.worker")


class Worker:
    """Does the jobs of this application; a handler runs its own transactions and may run twice after a crash."""

    def __init__(self, handlers: Mapping[str, Handler], regular: Mapping[str, timedelta], name: str = "worker") -> None:
        self.handlers = handlers
        self.regular = regular
        self.name = name

    def run(self, stop: Event, idle: float = 0.5) -> None:
        """Work until told to stop; a database that does not answer is waited for."""
        while not stop.is_set():
            if not self._has_worked(stop):
                stop.wait(idle)

    def _has_worked(self, stop: Event) -> bool:
        try:
            self.tick()
            ticked = utc_now()
            return self._work(lambda _: not stop.is_set() and timedelta(0) <= utc_now() - ticked < BEAT) > 0
        except (OperationalError, TimeoutError) as error:
            log.error("database does not answer", kind=type(error).__name__)
            return False

    def tick(self) -> None:
        """Write down the regular work that is due; a missed stretch is made up for once."""
        now = utc_now()
        with transaction() as session:
            service.beat(session, self.name, now)
            for kind, interval in self.regular.items():
                slot = int(now.timestamp() // interval.total_seconds())
                service.enqueue(session, kind, f"{kind}:{slot}", {}, now)

    def drain(self, most: int = 100_000) -> int:
        """Do all that is due now; return how many jobs that was."""
        return self._work(lambda done: done < most)

    def _work(self, goes_on: Callable[[int], bool]) -> int:
        """Do job after job while there are any; each is marked in one transaction with claiming the next."""
        with transaction() as session:
            job = service.claim(session, utc_now())
        done = 0
        while job is not None:
            error = self._failure_of(job)
            done += 1
            takes_next = goes_on(done)
            with transaction() as session:
                self._mark(session, job, error)
                job = service.claim(session, utc_now()) if takes_next else None
        return done

    def _failure_of(self, job: Claim) -> str | None:
        try:
            self.handlers[job.kind](job.payload)
        except Exception as error:
            # The one place that catches everything: a poisoned job must not stop the others.
            return type(error).__name__
        return None

    def _mark(self, session: Session, job: Claim, error: str | None) -> None:
        if error is None:
            service.finish(session, job.id, utc_now())
            return
        postponed = service.postpone(session, job.id, error, utc_now())
        log.warning("job failed", kind=job.kind, error=error, parked=postponed.parked_at is not None)
