"""Complimentary access: granted by staff, with a reason and an end."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from membership.access.errors import CompUnreadable, UnknownComp
from membership.access.models import Comp
from membership.tiers.service import get_tier


def grant_comp(
    session: Session, patron_id: int, tier_slug: str, *, ends_at: datetime, reason: str, now: datetime
) -> Comp:
    """Give a patron a tier's access from now until an end. Raises CompUnreadable or UnknownTier."""
    if ends_at <= now:
        raise CompUnreadable(field="ends_at")
    if not reason.strip():
        raise CompUnreadable(field="reason")
    tier = get_tier(session, tier_slug)
    comp = Comp(patron_id=patron_id, tier_id=tier.id, starts_at=now, ends_at=ends_at, reason=reason.strip())
    session.add(comp)
    session.flush()
    return comp


def revoke_comp(session: Session, patron_id: int, comp_id: int, now: datetime) -> Comp:
    """Take back complimentary access at once. Raises UnknownComp."""
    # Looked for among hers, for the number in an address may be larger than any key.
    comp = next((comp for comp in list_comps_of(session, patron_id) if comp.id == comp_id), None)
    if comp is None:
        raise UnknownComp
    comp.revoked_at = comp.revoked_at or now
    return comp


def list_comps_of(session: Session, patron_id: int) -> list[Comp]:
    """List what a patron was granted, the newest first."""
    return list(session.scalars(select(Comp).filter_by(patron_id=patron_id).order_by(Comp.id.desc())))
