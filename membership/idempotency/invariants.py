"""What must always hold about requests that may be sent again."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from membership.clock import utc_now
from membership.idempotency.models import IdempotentRequest, RequestStatus

# The worker sweeps every few minutes; what it left for so long it does not see.
UNSWEPT = timedelta(minutes=30)


def no_stuck_request(session: Session) -> list[str]:
    """Find requests whose process is gone and that the sweeper should have given up."""
    stuck = select(IdempotentRequest.id).filter_by(status=RequestStatus.STARTED)
    stuck = stuck.where(IdempotentRequest.leased_until < utc_now() - UNSWEPT)
    return [f"idempotent request {found}" for found in session.scalars(stuck)]


INVARIANTS: dict[str, Callable[[Session], list[str]]] = {"I18 no stuck idempotent request": no_stuck_request}
