"""The hand-over: a one-time code through the browser, collected by the site's server with proof that it asked."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from membership.access.errors import CodeRefused, ReturnUrlUnknown
from membership.access.models import Handover, Site

CODE_LIFE = timedelta(seconds=60)
FORGOTTEN_AFTER = timedelta(days=1)


def check_return(site: Site, return_url: str) -> None:
    """Raise ReturnUrlUnknown unless the site registered exactly this address."""
    if return_url not in site.return_urls:
        raise ReturnUrlUnknown


def open_handover(session: Session, site: Site, patron_id: int, *, challenge: str, now: datetime) -> str:
    """Return a code for a signed-in reader, good once and for a minute; only its hash is kept."""
    session.execute(delete(Handover).where(Handover.expires_at < now - FORGOTTEN_AFTER))
    code = secrets.token_urlsafe(32)
    session.add(
        Handover(
            site_id=site.id,
            patron_id=patron_id,
            code_hash=_hash(code),
            challenge=challenge,
            expires_at=now + CODE_LIFE,
        )
    )
    return code


def take_code(session: Session, site_id: int, code: str, now: datetime, taker: str | None = None) -> Handover:
    """Use a code up, whatever comes of it; raises CodeRefused when it is used, late, unknown or another site's.

    `taker` names the request, which may take it once more when it is sent again.
    """
    wanted = select(Handover).filter_by(site_id=site_id, code_hash=_hash(code)).with_for_update()
    handover = session.scalar(wanted)
    if handover is None:
        raise CodeRefused
    if taker is not None and handover.used_by == taker:
        return handover
    if handover.used_at is not None or now >= handover.expires_at:
        raise CodeRefused
    handover.used_at, handover.used_by = now, taker
    return handover


def prove(handover: Handover, verifier: str) -> None:
    """Raise CodeRefused unless the verifier is the one whose challenge opened the hand-over (RFC 7636, S256)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=")
    if not hmac.compare_digest(challenge, handover.challenge.encode()):
        raise CodeRefused


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
