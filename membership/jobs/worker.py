"""The worker's loop: claim, do, mark; what fails is put off, what must happen regularly is written down when due."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from threading import Event
from typing import Any

import structlog
from sqlalchemy.exc import OperationalError, TimeoutError

from membership.clock import utc_now
from membership.db import transaction
from membership.jobs import service

Handler = Callable[[dict[str, Any]], None]
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
            if not self._has_worked():
                stop.wait(idle)

    def _has_worked(self) -> bool:
        try:
            self.tick()
            return self.work_once()
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

    def work_once(self) -> bool:
        """Do one job; return whether there was one."""
        with transaction() as session:
            job = service.claim(session, utc_now())
        if job is None:
            return False
        self._do(job.id, job.kind, job.payload)
        return True

    def drain(self, most: int = 100_000) -> int:
        """Do all that is due now; return how many jobs that was."""
        return next((done for done in range(most) if not self.work_once()), most)

    def _do(self, job_id: int, kind: str, payload: dict[str, Any]) -> None:
        try:
            self.handlers[kind](payload)
        except Exception as error:
            # The one place that catches everything: a poisoned job must not stop the others.
            with transaction() as session:
                job = service.postpone(session, job_id, type(error).__name__, utc_now())
            log.warning("job failed", kind=kind, error=type(error).__name__, parked=job.parked_at is not None)
        else:
            with transaction() as session:
                service.finish(session, job_id, utc_now())
