"""Sites that may ask, and the names by which they know readers."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from membership.access.errors import SiteExists, UnknownSite, UnknownSubject
from membership.access.models import Site, SiteSubject
from membership.access.service.site_keys import add_key
from membership.inserts import insert_unless_known


@dataclass(frozen=True, slots=True)
class SiteDraft:
    """A site to be, or as it is to be from now on."""

    slug: str
    name: str
    audience: str
    origins: tuple[str, ...]
    return_urls: tuple[str, ...]
    scopes: tuple[str, ...] = ()


def add_site(session: Session, draft: SiteDraft, now: datetime) -> tuple[Site, str]:
    """Register a site; return it with its first key, which is told this once. Raises SiteExists."""
    taken = select(Site.id).where(or_(Site.slug == draft.slug, Site.audience == draft.audience))
    if session.scalar(taken) is not None:
        raise SiteExists
    _refuse_shared_origins(session, draft)
    site = Site(slug=draft.slug, created_at=now)
    _describe(site, draft)
    session.add(site)
    session.flush()
    return site, add_key(session, site, now)


def change_site(session: Session, draft: SiteDraft) -> Site:
    """Describe a site anew. Raises UnknownSite, or SiteExists when the audience is another's."""
    site = get_site(session, draft.slug)
    others = select(Site.id).where(Site.audience == draft.audience, Site.id != site.id)
    if session.scalar(others) is not None:
        raise SiteExists(field="audience")
    _refuse_shared_origins(session, draft)
    _describe(site, draft)
    return site


def _refuse_shared_origins(session: Session, draft: SiteDraft) -> None:
    # A page says which origin it is of, and nothing else: of two sites with one origin the second would never be asked.
    taken = {origin for site in list_sites(session) if site.slug != draft.slug for origin in site.origins}
    if taken & set(draft.origins):
        raise SiteExists(field="origins")


def _describe(site: Site, draft: SiteDraft) -> None:
    site.name, site.audience = draft.name, draft.audience
    site.origins, site.return_urls, site.scopes = list(draft.origins), list(draft.return_urls), list(draft.scopes)


def describe_site(site: Site) -> dict[str, Any]:
    """Say what a site is registered with, as plain values."""
    lists = {"origins": site.origins, "return_urls": site.return_urls, "scopes": site.scopes}
    return {"name": site.name, "audience": site.audience, **lists}


def list_sites(session: Session) -> list[Site]:
    """List the registered sites by name."""
    return list(session.scalars(select(Site).order_by(Site.slug)))


def get_site(session: Session, slug: str) -> Site:
    """Return a site by its slug, or raise UnknownSite."""
    site = session.scalar(select(Site).filter_by(slug=slug))
    if site is None:
        raise UnknownSite
    return site


def find_site_of_origin(session: Session, origin: str) -> Site | None:
    """Return the site that registered exactly this origin."""
    return next((site for site in list_sites(session) if origin in site.origins), None)


def list_addresses(session: Session) -> list[str]:
    """List where registered sites are: the origins that may ask, and the addresses that readers come back to."""
    return [address for site in list_sites(session) for address in (*site.origins, *site.return_urls)]


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
