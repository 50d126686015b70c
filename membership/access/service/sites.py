"""Sites that may ask, their keys, and the names by which they know readers."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from membership.access.errors import SiteExists, UnknownSite, UnknownSubject
from membership.access.models import Site, SiteKey, SiteSubject
from membership.db import insert_unless_known

KEY_OVERLAP = timedelta(hours=24)
USE_NOTED_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class SiteDraft:
    """A site to be."""

    slug: str
    name: str
    audience: str
    origins: tuple[str, ...]
    return_urls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AskingSite:
    """The site behind a key, as much of it as answering needs."""

    key_id: int
    site_id: int
    audience: str
    noted_at: datetime | None


def add_site(session: Session, draft: SiteDraft, now: datetime) -> tuple[Site, str]:
    """Register a site; return it with its first key, which is told this once. Raises SiteExists."""
    taken = select(Site.id).where(or_(Site.slug == draft.slug, Site.audience == draft.audience))
    if session.scalar(taken) is not None:
        raise SiteExists
    site = Site(
        slug=draft.slug,
        name=draft.name,
        audience=draft.audience,
        origins=list(draft.origins),
        return_urls=list(draft.return_urls),
        created_at=now,
    )
    session.add(site)
    session.flush()
    return site, _add_key(session, site, now)


def rotate_key(session: Session, slug: str, now: datetime, *, overlap: timedelta = KEY_OVERLAP) -> str:
    """Give a site a new key, told this once; the old ones work for a while longer. Raises UnknownSite."""
    site = get_site(session, slug)
    session.execute(
        update(SiteKey).where(SiteKey.site_id == site.id, _holds(now + overlap)).values(revoked_at=now + overlap)
    )
    return _add_key(session, site, now)


def _add_key(session: Session, site: Site, now: datetime) -> str:
    key = f"site_{secrets.token_urlsafe(32)}"
    session.add(SiteKey(site_id=site.id, key_hash=_hash(key), created_at=now))
    session.flush()
    return key


def list_sites(session: Session) -> list[Site]:
    """List the registered sites by name."""
    return list(session.scalars(select(Site).order_by(Site.slug)))


def list_keys(session: Session, now: datetime) -> list[SiteKey]:
    """List the keys that work now, oldest first."""
    return list(session.scalars(select(SiteKey).where(_holds(now)).order_by(SiteKey.id)))


def get_site(session: Session, slug: str) -> Site:
    """Return a site by its slug, or raise UnknownSite."""
    site = session.scalar(select(Site).filter_by(slug=slug))
    if site is None:
        raise UnknownSite
    return site


def find_site_of_origin(session: Session, origin: str) -> Site | None:
    """Return the site that registered exactly this origin."""
    return next((site for site in list_sites(session) if origin in site.origins), None)


def find_asking_site(session: Session, key: str, now: datetime) -> AskingSite | None:
    """Return the site that holds a key, while the key works."""
    wanted = select(SiteKey.id, SiteKey.site_id, Site.audience, SiteKey.last_used_at)
    row = session.execute(wanted.join(Site).where(SiteKey.key_hash == _hash(key), _holds(now))).one_or_none()
    return AskingSite(*row) if row else None


def note_use(session: Session, key_id: int, now: datetime) -> None:
    """Note that a key is in use, so that staff see which ones are not."""
    session.execute(update(SiteKey).where(SiteKey.id == key_id).values(last_used_at=now))


def subject_of(session: Session, site_id: int, patron_id: int) -> str:
    """Return the name by which a site knows a patron, made at random the first time."""
    values = {"site_id": site_id, "patron_id": patron_id, "subject": secrets.token_urlsafe(18)}
    insert_unless_known(session, SiteSubject, values)
    known = select(SiteSubject.subject).filter_by(site_id=site_id, patron_id=patron_id)
    return session.scalars(known).one()


def patron_behind(session: Session, site_id: int, subject: str) -> int:
    """Return the patron whom a site knows by this name; raises UnknownSubject, for other sites' names too."""
    patron_id = session.scalar(select(SiteSubject.patron_id).filter_by(site_id=site_id, subject=subject))
    if patron_id is None:
        raise UnknownSubject
    return patron_id


def _holds(at: datetime) -> ColumnElement[bool]:
    return or_(SiteKey.revoked_at.is_(None), SiteKey.revoked_at > at)


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
