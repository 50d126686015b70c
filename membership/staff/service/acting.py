"""What staff do to a patron's access, with the reason kept for good; from pages and commands alike."""

from datetime import datetime

from sqlalchemy.orm import Session

from membership.access import service as access
from membership.access.models import Comp
from membership.audit.service import note
from membership.clock import utc_now
from membership.patrons.models import Patron
from membership.staff.rules import audit_name


def grant_comp(session: Session, patron: Patron, tier: str, ends_at: datetime, *, reason: str, actor: str) -> Comp:
    """Grant complimentary access from now until an end. Raises CompUnreadable or UnknownTier."""
    comp = access.grant_comp(session, patron.id, tier, ends_at=ends_at, reason=reason, now=utc_now())
    about = {"comp": comp.id, "tier": tier, "ends_at": ends_at.isoformat(), "reason": reason}
    note(session, actor=actor, action="comp.granted", subject=audit_name(patron), **about)
    return comp


def revoke_comp(session: Session, patron: Patron, comp_id: int, *, reason: str, actor: str) -> None:
    """Take back complimentary access at once. Raises UnknownComp."""
    access.revoke_comp(session, patron.id, comp_id, utc_now())
    note(session, actor=actor, action="comp.revoked", subject=audit_name(patron), comp=comp_id, reason=reason)
