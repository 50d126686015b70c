"""The worker's loop: claim, do, mark; what fails is put off, what must happen regularly is written down when due."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from threading import Event
from types import MappingProxyType
from typing import Any

import structlog
from sqlalchemy.exc import OperationalError, TimeoutError
from sqlalchemy.orm import Session

from membership.clock import utc_now
from membership.db import transaction
from membership.jobs import service
from membership.jobs.service import Claim

Handler = Callable[[dict[str, Any]], None]
# Does the first so many of these jobs, all of them or none, and returns how many; none must be left half done.
Together = Callable[[Sequence[dict[str, Any]]], int]
MOST_TOGETHER = 50
# While there is work, regular work is written down, and the worker seen, once in so long.
BEAT = timedelta(seconds=1)
NONE: Mapping[str, Together] = MappingProxyType({})
log = structlog.get_logger("membership.worker")


class Worker:
    """Does the jobs of this application; a handler runs its own transactions and may run twice after a crash.

    Jobs of a kind that is in `together` are tried several at once; what cannot be done so is done one by one.
    """

    def __init__(
        self,
        handlers: Mapping[str, Handler],
        regular: Mapping[str, timedelta],
        together: Mapping[str, Together] = NONE,
        *,
        name: str = "worker",
    ) -> None:
        self.handlers = handlers
        self.regular = regular
        self.together = together
        self.name = name
        self.most = MOST_TOGETHER

    def run(self, stop: Event, idle: float = 0.5) -> None:
        """Work until told to stop; a database that does not answer is waited for."""
        while not stop.is_set():
            if not self._has_worked(stop):
                stop.wait(idle)

    def _has_worked(self, stop: Event) -> bool:
        try:
            self.tick()
            ticked = utc_now()
            return self._work(lambda _: MOST_TOGETHER if self._goes_on(stop, ticked) else 0) > 0
        except (OperationalError, TimeoutError) as error:
            log.error("database does not answer", kind=type(error).__name__)
            return False

    def _goes_on(self, stop: Event, ticked: datetime) -> bool:
        return not stop.is_set() and timedelta(0) <= utc_now() - ticked < BEAT

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
        return self._work(lambda done: most - done)

    def _work(self, may_take: Callable[[int], int]) -> int:
        """Do what is due for as long as more may be taken; marking is one transaction with claiming the next."""
        with transaction() as session:
            jobs = self._claim(session, may_take(0))
        done = 0
        while jobs:
            outcomes = self._outcomes_of(jobs)
            done += len(outcomes)
            most = may_take(done)
            with transaction() as session:
                self._mark(session, jobs, outcomes)
                jobs = self._claim(session, most) if most > 0 else []
        return done

    def _claim(self, session: Session, most: int) -> list[Claim]:
        now = utc_now()
        job = service.claim(session, now)
        if job is None:
            return []
        more = min(most, self.most) - 1
        goes_with_others = job.kind in self.together and job.attempts == 1 and more > 0
        return [job, *service.claim_more(session, job, more, now)] if goes_with_others else [job]

    def _outcomes_of(self, jobs: list[Claim]) -> list[str | None]:
        """Do the first so many of these; return for each that was done why it failed, if it did."""
        done = self._done_together(jobs) if len(jobs) > 1 else 0
        return [None] * done or [self._failure_of(jobs[0])]

    def _done_together(self, jobs: list[Claim]) -> int:
        done = 0
        try:
            done = self.together[jobs[0].kind]([job.payload for job in jobs])
        except Exception as error:
            # Whichever it was will fail by itself, with its own name.
            log.warning("jobs not done together", kind=jobs[0].kind, count=len(jobs), error=type(error).__name__)
        # Fewer when they cannot be done together, so that what is in the way is soon alone; then more again.
        self.most = min(MOST_TOGETHER, 2 * max(done, 1))
        return done

    def _failure_of(self, job: Claim) -> str | None:
        try:
            self.handlers[job.kind](job.payload)
        except Exception as error:
            # Like above, everything is caught: a poisoned job must not stop the others.
            return type(error).__name__
        return None

    def _mark(self, session: Session, jobs: list[Claim], outcomes: list[str | None]) -> None:
        now = utc_now()
        tried = list(zip(jobs, outcomes, strict=False))
        service.finish(session, [job.id for job, error in tried if error is None], now)
        service.give_back(session, [job.id for job in jobs[len(outcomes) :]])
        for job, error in tried:
            if error is not None:
                postponed = service.postpone(session, job.id, error, now)
                log.warning("job failed", kind=job.kind, error=error, parked=postponed.parked_at is not None)
