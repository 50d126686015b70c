"""What the provider answers about readers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from membership.access import service as access
from membership.access.errors import UnknownSite, UnknownSubject
from membership.oidc.rules import Bearer, describe_reader
from membership.patrons.models import Patron


@dataclass(frozen=True, slots=True)
class SignedOn:
    """A reader who came with a code, as the site knows her, and the name of the token that she is known by."""

    patron_id: int
    subject: str
    token_id: str


def describe(session: Session, signed_on: SignedOn, scope: frozenset[str], now: datetime) -> dict[str, Any]:
    """Say who a reader is to a site, and what she may now."""
    patron = session.get_one(Patron, signed_on.patron_id)
    decision = access.decide_for(session, patron.id, now)
    return describe_reader(signed_on.subject, decision, scope, email=patron.email, name=patron.name)


def describe_bearer(session: Session, bearer: Bearer, now: datetime) -> dict[str, Any] | None:
    """Say what an access token lets its site know now; None when it, the site or the reader is gone."""
    try:
        site = access.get_site(session, bearer.site)
        patron_id = access.patron_behind(session, site.id, bearer.subject)
    except (UnknownSite, UnknownSubject):
        return None
    if not access.stands(session, site.id, bearer.token_id):
        return None
    return describe(session, SignedOn(patron_id, bearer.subject, bearer.token_id), bearer.scope, now)
