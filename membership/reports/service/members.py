"""Who is here now, who came and who went."""

from collections import Counter
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from membership.access import service as access
from membership.reports import rules
from membership.reports.rules import Window
from membership.subscriptions.models import Subscription, SubscriptionStatus
from membership.tiers.service import list_tiers

_NEVER_PAID = (SubscriptionStatus.INCOMPLETE, SubscriptionStatus.EXPIRED)


def count_members(session: Session, now: datetime) -> Counter[str]:
    """Count who holds at least one flag now, by the slug of the tier that gives it."""
    tier_of: dict[int, str] = {}
    for flag in rules.covering(tier.flags for tier in list_tiers(session)):
        for member in access.list_members(session, flag, now):
            tier_of.setdefault(member.patron_id, member.tier_slug)
    return Counter(tier_of.values())


def count_begun(session: Session, window: Window) -> int:
    """Count the subscriptions that began in a window and were paid for."""
    within = (Subscription.started_at >= window.since, Subscription.started_at < window.until)
    return session.scalar(select(func.count()).where(*within, Subscription.status.not_in(_NEVER_PAID))) or 0


def count_ended(session: Session, window: Window) -> int:
    """Count the subscriptions that ended in a window."""
    within = (Subscription.ended_at >= window.since, Subscription.ended_at < window.until)
    return session.scalar(select(func.count()).where(*within, Subscription.status == SubscriptionStatus.ENDED)) or 0
