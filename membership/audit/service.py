"""Note who did what, and prove that nothing noted was changed."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from membership.audit.models import AuditEntry
from membership.audit.rules import BEGINNING, hash_of
from membership.clock import utc_now
from membership.db import is_sqlite

# Any number will do, as long as nothing else locks on it.
CHAIN_LOCK = 0x617564697


def note(session: Session, *, actor: str, action: str, subject: str, **details: Any) -> AuditEntry:
    """Append an entry to the chain; `details` are plain JSON without personal data. Call it last in a transaction."""
    _lock_chain(session)
    previous = session.scalar(select(AuditEntry.hash).order_by(AuditEntry.id.desc()).limit(1)) or BEGINNING
    at = utc_now()
    entry = AuditEntry(
        at=at,
        actor=actor,
        action=action,
        subject=subject,
        details=details,
        previous_hash=previous,
        hash=hash_of(previous, at, (actor, action, subject), details),
    )
    session.add(entry)
    session.flush()
    return entry


def verify_chain(session: Session) -> list[str]:
    """List the entries whose place in the chain, or whose words, are not what they were."""
    broken, previous = [], BEGINNING
    for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.id).execution_options(yield_per=1000)):
        what = (entry.actor, entry.action, entry.subject)
        if (entry.previous_hash, entry.hash) != (previous, hash_of(previous, entry.at, what, entry.details)):
            broken.append(f"audit entry {entry.id}")
        previous = entry.hash
    return broken


def _lock_chain(session: Session) -> None:
    # SQLite's immediate transaction has locked everything already. Locking the last row would not do on
    # PostgreSQL: who waited for it would still see it as the last.
    if not is_sqlite(session):
        session.execute(select(func.pg_advisory_xact_lock(CHAIN_LOCK)))
