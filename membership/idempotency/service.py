"""Let one of several equal requests work, and keep what it was answered for the others."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from membership.idempotency.errors import IdempotencyKeyReused, RequestInProgress
from membership.idempotency.models import IdempotentRequest, RequestStatus
from membership.idempotency.rules import KEPT, LEASE
from membership.inserts import insert_unless_known

# A lease that ended so long ago belonged to a process that is no more.
SWEPT_AFTER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on a request; `reference` is the same for whoever works on it after a crash."""

    key_hash: str
    reference: str
    attempt: str


def claim(session: Session, key_hash: str, fingerprint: str, now: datetime) -> Claim | str:
    """Return the right to work on a request, or the sealed answer that it was given before.

    Raises IdempotencyKeyReused when the key came with another request, RequestInProgress while somebody works on it.
    """
    fresh = _fresh(fingerprint, now)
    if insert_unless_known(session, IdempotentRequest, {"key_hash": key_hash} | fresh):
        return Claim(key_hash, fresh["reference"], fresh["attempt"])
    found = session.scalars(select(IdempotentRequest).filter_by(key_hash=key_hash).with_for_update()).one()
    if found.expires_at <= now:
        return _begin_anew(found, fresh)
    if found.fingerprint != fingerprint:
        raise IdempotencyKeyReused
    if found.answer_sealed is not None:
        return found.answer_sealed
    if found.status is RequestStatus.STARTED and now < found.leased_until:
        raise RequestInProgress
    return _begin_anew(found, {name: fresh[name] for name in ("status", "attempt", "leased_until")})


def _fresh(fingerprint: str, now: datetime) -> dict[str, Any]:
    return {
        "fingerprint": fingerprint,
        "reference": secrets.token_urlsafe(18),
        "status": RequestStatus.STARTED,
        "attempt": secrets.token_urlsafe(12),
        "leased_until": now + LEASE,
        "answer_sealed": None,
        "created_at": now,
        "expires_at": now + KEPT,
    }


def _begin_anew(found: IdempotentRequest, values: dict[str, Any]) -> Claim:
    for name, value in values.items():
        setattr(found, name, value)
    return Claim(found.key_hash, found.reference, found.attempt)


def conclude(session: Session, claim: Claim, sealed: str | None) -> None:
    """Keep what a request was answered, unless somebody else has taken it over meanwhile.

    Without an answer that is worth keeping, whoever asks again begins at once.
    """
    status = RequestStatus.ANSWERED if sealed is not None else RequestStatus.ABANDONED
    own = update(IdempotentRequest).filter_by(key_hash=claim.key_hash, attempt=claim.attempt)
    session.execute(own.values(status=status, answer_sealed=sealed))


def sweep(session: Session, now: datetime) -> None:
    """Give up the requests whose process is gone, and forget what is too old to be asked for again."""
    left = update(IdempotentRequest).filter_by(status=RequestStatus.STARTED)
    left = left.where(IdempotentRequest.leased_until < now - SWEPT_AFTER)
    session.execute(left.values(status=RequestStatus.ABANDONED))
    session.execute(delete(IdempotentRequest).where(IdempotentRequest.expires_at <= now))
