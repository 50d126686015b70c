"""What staff do to a patron's access, with the reason kept for good; from pages and commands alike."""

from datetime import datetime

from sqlalchemy.orm import Session

from membership.access import service as access
from membership.access.errors import BeingErased
from membership.access.models import Comp
from membership.audit.service import note
from membership.clock import utc_now
from membership.groups import service as groups
from membership.jobs.service import enqueue
from membership.patrons.models import Ban, Patron
from membership.staff.rules import audit_name
from membership.subscriptions.service import drop_started, find_waiting, list_subscriptions_of, lock_patron


def grant_comp(session: Session, patron: Patron, tier: str, ends_at: datetime, *, reason: str, actor: str) -> Comp:
    """Grant complimentary access from now until an end. Raises CompUnreadable, UnknownTier or BeingErased."""
    lock_patron(session, patron.id)
    session.refresh(patron)
    if patron.erasure_asked_at is not None:
        raise BeingErased
    comp = access.grant_comp(session, patron.id, tier, ends_at=ends_at, reason=reason, now=utc_now())
    about = {"comp": comp.id, "tier": tier, "ends_at": ends_at.isoformat(), "reason": reason}
    note(session, actor=actor, action="comp.granted", subject=audit_name(patron), **about)
    return comp


def revoke_comp(session: Session, patron: Patron, comp_id: int, *, reason: str, actor: str) -> None:
    """Take back complimentary access at once. Raises UnknownComp."""
    access.revoke_comp(session, patron.id, comp_id, utc_now())
    note(session, actor=actor, action="comp.revoked", subject=audit_name(patron), comp=comp_id, reason=reason)


def ban_patron(session: Session, patron: Patron, *, reason: str, actor: str) -> Ban:
    """Shut a patron out at once, and let her support and seats end, so that nobody pays for nothing.

    Her place on the roll of an open vote is a question of its own, answered round by round. Raises AlreadyBanned.
    """
    ban = access.ban_patron(session, patron.id, reason=reason, now=utc_now())
    for subscription in list_subscriptions_of(session, patron.id):
        if not subscription.status.is_final:
            stripe_id = subscription.stripe_subscription_id
            enqueue(session, "bans.end_support", f"{ban.id}:{stripe_id}", {"stripe_subscription_id": stripe_id})
    _close_page(session, patron.id, ban.id)
    groups.shut_out(session, patron.id, utc_now())
    note(session, actor=actor, action="patron.banned", subject=audit_name(patron), reason=reason)
    return ban


def _close_page(session: Session, patron_id: int, ban_id: int) -> None:
    """Let nothing be paid on a page that she has open."""
    drop_started(session, patron_id)
    if (waiting := find_waiting(session, patron_id)) is not None:
        page = {"patron_id": patron_id, "session_id": waiting.session_id}
        enqueue(session, "bans.close_page", f"{ban_id}:{waiting.session_id}", page)


def lift_ban(session: Session, patron: Patron, *, reason: str, actor: str) -> None:
    """Let a patron in again; her support does not come back by itself. Raises NotBanned."""
    access.lift_ban(session, patron.id, utc_now())
    note(session, actor=actor, action="patron.unbanned", subject=audit_name(patron), reason=reason)
