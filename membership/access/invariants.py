"""What must be true of sites and the names by which they know readers."""

from collections.abc import Callable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from membership.access.models import Handover, Site, SiteKey, SiteSubject


def _names_that_tell(session: Session) -> list[str]:
    short = select(SiteSubject.id).where(func.length(SiteSubject.subject) < 22)
    return [f"site subject {key}" for key in session.scalars(short)]


def _keyless_sites(session: Session) -> list[str]:
    keyless = select(Site.slug).where(~select(SiteKey.id).where(SiteKey.site_id == Site.id).exists())
    return [f"site {slug}" for slug in session.scalars(keyless)]


def _codes_used_late(session: Session) -> list[str]:
    used = select(Handover.id).where(Handover.used_at >= Handover.expires_at)
    return [f"hand-over {key}" for key in session.scalars(used)]


INVARIANTS: dict[str, Callable[[Session], list[str]]] = {
    "A1 sites know readers by random names": _names_that_tell,
    "A2 every site has had a key": _keyless_sites,
    "A3 no code was used after its time": _codes_used_late,
}
