"""What the doors for browsers share: which site's page asks, who is reading, and what she may have."""

from flask import Blueprint, Response, request

from membership.access import service
from membership.access.errors import OriginUnknown
from membership.access.models import Site
from membership.access.rules import Decision, Reader, decide
from membership.clock import utc_now
from membership.db import session
from membership.edge import is_at
from membership.patrons.models import Patron
from membership.web import settings

bp = Blueprint("access", __name__)
LATER = "membership-later"


def asking_page() -> Site:
    """Return the site whose page asks, by its exact origin; raises OriginUnknown."""
    site = service.find_site_of_origin(session(), request.headers.get("Origin", ""))
    if site is None:
        raise OriginUnknown
    return site


def name_of_site(slug: str) -> str:
    """Return what readers know a site by, nothing when there is none of that slug."""
    return next((site.name for site in service.list_sites(session()) if site.slug == slug), "")


def is_of_a_site(address: str) -> bool:
    """Whether an address is at the publication, or at a registered site."""
    return is_at(address, [settings().publication_url, *service.list_addresses(session())])


def for_page(response: Response) -> Response:
    """Let the page that asks, and no other, read the answer."""
    response.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
    response.headers["Access-Control-Allow-Credentials"] = "true"
    response.vary.update(["Origin", "Cookie"])
    return response


def decide_about(patron: Patron | None) -> Decision:
    """Decide what a reader may have, known to us or not; a browser may have been told to remind her later."""
    now = utc_now()
    later = service.read_rest(request.cookies.get(later_cookie(), ""), now)
    if patron is None:
        return decide([], now, Reader(quiet_until=later))
    decision = service.decide_for(session(), patron.id, now)
    return decision.quiet() if later else decision


def later_cookie() -> str:
    """Return the name of the cookie that remembers her wish; `__Host-` ties it to our host."""
    return f"__Host-{LATER}" if settings().is_secure else LATER
