"""Gather everything that can give access, and decide."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, ScalarSelect, bindparam, func, or_, select
from sqlalchemy.orm import Session, aliased

from membership.access.errors import UnknownSubject
from membership.access.models import Comp, SiteSubject
from membership.access.rules import Cause, Complimentary, Decision, Level, StandingOrder, decide
from membership.subscriptions.models import Invoice, InvoiceStatus, Subscription, SubscriptionStatus
from membership.tiers.models import Price, Tier

Fields = Row[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Member:
    """A patron who holds a flag now: by which tier, with which weight in a vote, and why."""

    patron_id: int
    tier_slug: str
    weight: int
    reason: str


def _paid_through() -> ScalarSelect[datetime]:
    paid = select(func.max(Invoice.period_ends_at)).where(
        Invoice.subscription_id == Subscription.id, Invoice.status == InvoiceStatus.PAID, Invoice.revoked_at.is_(None)
    )
    return paid.correlate(Subscription).scalar_subquery()


def _revoked_through() -> ScalarSelect[datetime]:
    revoked = select(func.max(Invoice.period_ends_at)).where(
        Invoice.subscription_id == Subscription.id, Invoice.revoked_at.is_not(None)
    )
    return revoked.correlate(Subscription).scalar_subquery()


def _failing_since() -> ScalarSelect[datetime | None]:
    # Only the periods after the paid ones: an old debt that was never cleared says nothing about today.
    later = aliased(Invoice)
    covered = (
        select(later.id)
        .where(later.subscription_id == Invoice.subscription_id, later.period_ends_at >= Invoice.period_ends_at)
        .where(later.status == InvoiceStatus.PAID, later.revoked_at.is_(None))
    )
    failed = (
        select(func.min(Invoice.first_failed_at))
        .where(Invoice.subscription_id == Subscription.id, ~covered.correlate(Invoice).exists())
        .where(or_(Invoice.status == InvoiceStatus.OPEN, Invoice.status == InvoiceStatus.UNCOLLECTIBLE))
    )
    return failed.correlate(Subscription).scalar_subquery()


_TIER = (Tier.slug, Tier.flags, Tier.vote_weight)
ORDER_COLUMNS = (
    *_TIER,
    Subscription.status,
    Subscription.cancel_at,
    Subscription.ended_at,
    _paid_through().label("paid_through"),
    _revoked_through().label("revoked_through"),
    _failing_since().label("failing_since"),
)
ORDERS = (
    select(Subscription.patron_id, *ORDER_COLUMNS)
    .join(Price, Price.id == Subscription.price_id)
    .join(Tier, Tier.id == Price.tier_id)
)
ORDERS_BEHIND = (
    select(SiteSubject.patron_id, *ORDER_COLUMNS)
    .outerjoin(Subscription, Subscription.patron_id == SiteSubject.patron_id)
    .outerjoin(Price, Price.id == Subscription.price_id)
    .outerjoin(Tier, Tier.id == Price.tier_id)
    .where(SiteSubject.site_id == bindparam("site_id"), SiteSubject.subject == bindparam("subject"))
)
COMPS = (
    select(Comp.patron_id, *_TIER, Comp.starts_at, Comp.ends_at)
    .join(Tier, Tier.id == Comp.tier_id)
    .where(Comp.revoked_at.is_(None))
)
# Built once and sent by the connection: building a statement, and the session's way of sending it, cost more than the
# answer, and these are asked for every reader.
ORDERS_OF = ORDERS.where(Subscription.patron_id == bindparam("patron_id"))
COMPS_OF = COMPS.where(Comp.patron_id == bindparam("patron_id"))
_FINAL = [status for status in SubscriptionStatus if status.is_final]


def decide_for(session: Session, patron_id: int, now: datetime) -> Decision:
    """Decide what one patron may have now."""
    connection = session.connection()
    orders = connection.execute(ORDERS_OF, {"patron_id": patron_id})
    comps = connection.execute(COMPS_OF, {"patron_id": patron_id})
    return decide([*map(order_of, orders), *map(comp_of, comps)], now)


def decide_for_subject(session: Session, site_id: int, subject: str, now: datetime) -> Decision:
    """Decide for whom a site knows by this name; raises UnknownSubject, for other sites' names too."""
    connection = session.connection()
    rows = connection.execute(ORDERS_BEHIND, {"site_id": site_id, "subject": subject}).all()
    if not rows:
        raise UnknownSubject
    comps = connection.execute(COMPS_OF, {"patron_id": rows[0].patron_id})
    orders = (order_of(row) for row in rows if row.status is not None)
    return decide([*orders, *map(comp_of, comps)], now)


def flags_of(session: Session, patron_id: int, now: datetime) -> frozenset[str]:
    """Return the access flags that a patron holds now."""
    return decide_for(session, patron_id, now).flags


def list_members(session: Session, flag: str, now: datetime) -> list[Member]:
    """List every patron who holds a flag now, in two queries however many they are."""
    causes: defaultdict[int, list[Cause]] = defaultdict(list)
    orders = session.execute(ORDERS.where(Subscription.status.not_in(_FINAL)))
    comps = session.execute(COMPS.where(Comp.starts_at <= now, Comp.ends_at > now))
    for order in orders:
        causes[order.patron_id].append(order_of(order))
    for comp in comps:
        causes[comp.patron_id].append(comp_of(comp))
    return list(_members(causes.items(), flag, now))


def _members(causes: Iterable[tuple[int, list[Cause]]], flag: str, now: datetime) -> Iterable[Member]:
    for patron_id, found in sorted(causes):
        grant = decide(found, now).best_with(flag)
        if grant is not None:
            yield Member(patron_id, grant.level.slug, grant.level.weight, grant.reason)


def order_of(row: Fields) -> StandingOrder:
    """Read a row of ORDER_COLUMNS."""
    return StandingOrder(
        level=_level(row),
        status=row.status,
        paid_through=row.paid_through,
        revoked_through=row.revoked_through,
        failing_since=row.failing_since,
        cancel_at=row.cancel_at,
        ended_at=row.ended_at,
    )


def comp_of(row: Fields) -> Complimentary:
    """Read a row of COMPS."""
    return Complimentary(_level(row), row.starts_at, row.ends_at)


def _level(row: Fields) -> Level:
    return Level(row.slug, frozenset(row.flags), row.vote_weight)
