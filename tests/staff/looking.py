"""Look at what a request left in the database, and let go of it, so that the next request can write."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from membership.audit.models import AuditEntry


def look(session: Session, wanted: Select[Any]) -> Sequence[Any]:
    """Return what a query finds now."""
    found = session.scalars(wanted.execution_options(populate_existing=True)).all()
    session.commit()
    return found


def acts(session: Session) -> Sequence[str]:
    """Return what was noted, the earliest first."""
    return look(session, select(AuditEntry.action).order_by(AuditEntry.id))
