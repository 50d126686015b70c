"""The hand-over: a one-time code through the browser, collected by the site's server with proof that it asked."""

import base64
import hashlib
import hmac
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

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


@dataclass(frozen=True, slots=True)
class SignOn:
    """What an OpenID client asked for, and when the reader had signed in."""

    redirect_uri: str
    scope: str
    challenge: str
    nonce: str | None
    signed_in_at: datetime


def open_handover(session: Session, site: Site, patron_id: int, *, challenge: str, now: datetime) -> str:
    """Return a code for a signed-in reader, good once and for a minute; only its hash is kept."""
    code = secrets.token_urlsafe(32)
    _keep(session, code, now, site_id=site.id, patron_id=patron_id, challenge=challenge)
    return code


def open_sign_on(session: Session, code: str, site_id: int, patron_id: int, wish: SignOn, now: datetime) -> None:
    """Keep the code of an OpenID client, good once and for a minute; only its hash is kept."""
    _keep(session, code, now, site_id=site_id, patron_id=patron_id, **asdict(wish))


def _keep(session: Session, code: str, now: datetime, **what: Any) -> None:
    session.execute(delete(Handover).where(Handover.expires_at < now - FORGOTTEN_AFTER))
    session.add(Handover(code_hash=_hash(code), expires_at=now + CODE_LIFE, **what))


def take_code(session: Session, site_id: int, code: str, now: datetime, taker: str | None = None) -> Handover:
    """Use a code up, whatever comes of it; raises CodeRefused when it is used, late, unknown or another site's.

    `taker` names the request, which may take it once more when it is sent again.
    """
    handover = _find(session, site_id, code)
    if handover is None or handover.redirect_uri is not None:
        raise CodeRefused
    if taker is not None and handover.used_by == taker:
        return handover
    if handover.used_at is not None or now >= handover.expires_at:
        raise CodeRefused
    handover.used_at, handover.used_by = now, taker
    return handover


def take_sign_on(session: Session, site_id: int, code: str, now: datetime) -> Handover | None:
    """Use an OpenID client's code up; None when it is used, late, unknown or another site's.

    `used_by` is then the name of the token that it gives. A code that comes twice was stolen, by the one or the other
    (RFC 6749, 4.1.2): what it gave is worth nothing from then on.
    """
    handover = _find(session, site_id, code)
    if handover is None or handover.redirect_uri is None:
        return None
    if handover.used_at or now >= handover.expires_at:
        handover.used_by = None
        return None
    handover.used_at, handover.used_by = now, secrets.token_urlsafe(18)
    return handover


def stands(session: Session, site_id: int, token_id: str) -> bool:
    """Tell whether the token that a code gave is still worth something."""
    return session.scalar(select(Handover.id).filter_by(site_id=site_id, used_by=token_id)) is not None


def prove(handover: Handover, verifier: str) -> None:
    """Raise CodeRefused unless the verifier is the one whose challenge opened the hand-over (RFC 7636, S256)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=")
    if not hmac.compare_digest(challenge, handover.challenge.encode()):
        raise CodeRefused


def _find(session: Session, site_id: int, code: str) -> Handover | None:
    return session.scalar(select(Handover).filter_by(site_id=site_id, code_hash=_hash(code)).with_for_update())


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
