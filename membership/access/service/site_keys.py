"""The keys that sites ask with: several at a time, so that one follows another without a gap."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from membership.access.errors import UnknownSiteKey
from membership.access.models import Site, SiteKey

KEY_OVERLAP = timedelta(hours=24)
USE_NOTED_EVERY = timedelta(hours=1)
HINT_LENGTH = 11


@dataclass(frozen=True, slots=True)
class AskingSite:
    """The site behind a key, as much of it as answering needs."""

    key_id: int
    site_id: int
    audience: str
    noted_at: datetime | None
    scopes: frozenset[str] = frozenset()


def add_key(session: Session, site: Site, now: datetime) -> str:
    """Give a site one more key, told this once."""
    key = f"site_{secrets.token_urlsafe(32)}"
    session.add(SiteKey(site_id=site.id, key_hash=_hash(key), hint=key[:HINT_LENGTH], created_at=now))
    session.flush()
    return key


def rotate_key(session: Session, site: Site, now: datetime, *, overlap: timedelta = KEY_OVERLAP) -> str:
    """Give a site a new key, told this once; the old ones work for a while longer."""
    ends_at = now + overlap
    session.execute(update(SiteKey).where(SiteKey.site_id == site.id, _holds(ends_at)).values(revoked_at=ends_at))
    return add_key(session, site, now)


def revoke_key(session: Session, site: Site, key_id: int, now: datetime) -> SiteKey:
    """End a key of a site at once. Raises UnknownSiteKey."""
    key = get_key(session, site, key_id)
    key.revoked_at = now if key.works(now) else key.revoked_at
    return key


def get_key(session: Session, site: Site, key_id: int) -> SiteKey:
    """Return a key of a site, or raise UnknownSiteKey."""
    # Looked for among its own, for the number in an address may be larger than any key.
    found = next((key for key in list_keys(session, site) if key.id == key_id), None)
    if found is None:
        raise UnknownSiteKey
    return found


def list_keys(session: Session, site: Site) -> list[SiteKey]:
    """List the keys that a site was ever given, the newest first."""
    return list(session.scalars(select(SiteKey).filter_by(site_id=site.id).order_by(SiteKey.id.desc())))


def find_asking_site(session: Session, key: str, now: datetime) -> AskingSite | None:
    """Return the site that holds a key, while the key works."""
    wanted = select(SiteKey.id, SiteKey.site_id, Site.audience, SiteKey.last_used_at, Site.scopes)
    row = session.execute(wanted.join(Site).where(SiteKey.key_hash == _hash(key), _holds(now))).one_or_none()
    return AskingSite(*row[:4], frozenset(row.scopes)) if row else None


def note_use(session: Session, key_id: int, now: datetime) -> None:
    """Note that a key is in use, so that staff see which ones are not."""
    session.execute(update(SiteKey).where(SiteKey.id == key_id).values(last_used_at=now))


def _holds(at: datetime) -> ColumnElement[bool]:
    return or_(SiteKey.revoked_at.is_(None), SiteKey.revoked_at > at)


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
