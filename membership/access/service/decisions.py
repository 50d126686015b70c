"""Gather everything that can give access, and decide."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Connection,
    Engine,
    Label,
    Row,
    ScalarSelect,
    bindparam,
    cast,
    func,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from membership.access.errors import UnknownSubject
from membership.access.models import Comp, SiteSubject
from membership.access.rules import Cause, Complimentary, Decision, GivenTime, Level, Source, StandingOrder, decide
from membership.access.service.prepared import Prepared
from membership.subscriptions.models import Invoice, InvoiceStatus, Subscription, SubscriptionStatus
from membership.terms.models import Term
from membership.tiers.models import Price, Tier

Causes = CompoundSelect[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Member:
    """A patron who holds a flag now: by which tier, with which weight in a vote, and why."""

    patron_id: int
    tier_slug: str
    weight: int
    reason: str


def _paid_through() -> ScalarSelect[datetime]:
    # A trial costs nothing and gives nothing: what she was given, which it waits for, is a cause of its own.
    is_trial = (Subscription.status == SubscriptionStatus.TRIALING) & (Invoice.total_minor == 0)
    paid = select(func.max(Invoice.period_ends_at)).where(
        Invoice.subscription_id == Subscription.id,
        Invoice.status == InvoiceStatus.PAID,
        Invoice.revoked_at.is_(None),
        ~is_trial,
    )
    return paid.correlate(Subscription).scalar_subquery()


def _revoked_through() -> ScalarSelect[datetime]:
    revoked = select(func.max(Invoice.period_ends_at)).where(
        Invoice.subscription_id == Subscription.id, Invoice.revoked_at.is_not(None)
    )
    return revoked.correlate(Subscription).scalar_subquery()


def _last_revoked(column: InstrumentedAttribute[Any]) -> ScalarSelect[Any]:
    revoked = select(column).where(Invoice.subscription_id == Subscription.id, Invoice.revoked_at.is_not(None))
    return revoked.order_by(Invoice.period_ends_at.desc()).limit(1).correlate(Subscription).scalar_subquery()


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


def _absent(column: Any, name: str) -> Label[Any]:
    # Cast: of two columns without a type PostgreSQL makes a text, which a third one with a type does not fit.
    return cast(null(), column.type).label(name)


_TIER = (Tier.slug, Tier.flags, Tier.vote_weight, Tier.name, Tier.grace_days)
_NO_TERM = (_absent(Term.source, "given_as"), _absent(Term.awaited_until, "awaited_until"))
_NO_COMP = (_absent(Comp.starts_at, "starts_at"), _absent(Comp.ends_at, "ends_at"), *_NO_TERM)
_NO_ORDER = (
    _absent(Subscription.status, "status"),
    *(_absent(Subscription.cancel_at, f"moment_{number}") for number in range(6)),
    _absent(Invoice.revoked_by, "revoked_by"),
    _absent(Subscription.cancel_at, "moment_6"),
)
_ORDER = (
    *_TIER,
    Subscription.status,
    Subscription.cancel_at,
    Subscription.ended_at,
    Subscription.paused_until,
    _paid_through().label("paid_through"),
    _revoked_through().label("revoked_through"),
    _last_revoked(Invoice.revoked_at).label("revoked_at"),
    _last_revoked(Invoice.revoked_by).label("revoked_by"),
    _failing_since().label("failing_since"),
    *_NO_COMP,
)
ORDERS = (
    select(Subscription.patron_id, *_ORDER)
    .join(Price, Price.id == Subscription.price_id)
    .join(Tier, Tier.id == Price.tier_id)
)
COMPS = (
    select(Comp.patron_id, *_TIER, *_NO_ORDER, Comp.starts_at, Comp.ends_at, *_NO_TERM)
    .join(Tier, Tier.id == Comp.tier_id)
    .where(Comp.revoked_at.is_(None))
)
TERMS = (
    select(
        Term.patron_id,
        *_TIER,
        *_NO_ORDER,
        Term.starts_at,
        Term.ends_at,
        Term.source.label("given_as"),
        Term.awaited_until,
    )
    .join(Tier, Tier.id == Term.tier_id)
    .where(Term.revoked_at.is_(None))
)
_FINAL = [status for status in SubscriptionStatus if status.is_final]

# Built once: building a statement costs more than the answer, and these are asked for every reader.
CAUSES_OF: Causes = union_all(
    ORDERS.where(Subscription.patron_id == bindparam("patron_id")),
    COMPS.where(Comp.patron_id == bindparam("patron_id")),
    TERMS.where(Term.patron_id == bindparam("patron_id")),
)
_NAMED = (SiteSubject.site_id == bindparam("site_id"), SiteSubject.subject == bindparam("subject"))
# A name that is known gives a row at least, of no tier when she never had one.
CAUSES_BEHIND: Causes = union_all(
    select(SiteSubject.patron_id, *_ORDER)
    .outerjoin(Subscription, Subscription.patron_id == SiteSubject.patron_id)
    .outerjoin(Price, Price.id == Subscription.price_id)
    .outerjoin(Tier, Tier.id == Price.tier_id)
    .where(*_NAMED),
    COMPS.join(SiteSubject, SiteSubject.patron_id == Comp.patron_id).where(*_NAMED),
    TERMS.join(SiteSubject, SiteSubject.patron_id == Term.patron_id).where(*_NAMED),
)
CAUSES_NOW: Causes = union_all(
    ORDERS.where(Subscription.status.not_in(_FINAL)),
    COMPS.where(Comp.starts_at <= bindparam("now"), Comp.ends_at > bindparam("now")),
    TERMS.where(Term.starts_at <= bindparam("now"), Term.awaited_until > bindparam("now")),
)


def decide_for(session: Session, patron_id: int, now: datetime) -> Decision:
    """Decide what one patron may have now."""
    return decide(map(_cause, session.execute(CAUSES_OF, {"patron_id": patron_id})), now)


def decide_for_subject(connection: Connection, site_id: int, subject: str, now: datetime) -> Decision:
    """Decide for whom a site knows by this name; raises UnknownSubject, for other sites' names too."""
    return decide_from(connection.execute(CAUSES_BEHIND, {"site_id": site_id, "subject": subject}).all(), now)


def prepare_causes(reader: Engine) -> Prepared:
    """Make ready the query for what a site's reader may have; its rows are for decide_from."""
    return Prepared(CAUSES_BEHIND, reader)


def decide_from(rows: Sequence[Any], now: datetime) -> Decision:
    """Decide from the rows about a site's reader; raises UnknownSubject when there are none."""
    if not rows:
        raise UnknownSubject
    return decide([_cause(row) for row in rows if row.slug is not None], now)


def flags_of(session: Session, patron_id: int, now: datetime) -> frozenset[str]:
    """Return the access flags that a patron holds now."""
    return decide_for(session, patron_id, now).flags


def list_members(session: Session, flag: str, now: datetime) -> list[Member]:
    """List every patron who holds a flag now, in one query however many they are."""
    causes: defaultdict[int, list[Cause]] = defaultdict(list)
    for row in session.execute(CAUSES_NOW, {"now": now}):
        causes[row.patron_id].append(_cause(row))
    return list(_members(causes, flag, now))


def _members(causes: Mapping[int, list[Cause]], flag: str, now: datetime) -> Iterator[Member]:
    for patron_id in sorted(causes):
        grant = decide(causes[patron_id], now).best_with(flag)
        if grant is not None:
            yield Member(patron_id, grant.level.slug, grant.level.weight, grant.reason)


def _cause(row: Row[*tuple[Any, ...]]) -> Cause:
    level = Level(row.slug, frozenset(row.flags), row.vote_weight, row.name)
    if row.given_as is not None:
        return GivenTime(level, Source(row.given_as), row.starts_at, row.ends_at, row.awaited_until)
    if row.status is None:
        return Complimentary(level, row.starts_at, row.ends_at)
    return StandingOrder(
        level=level,
        status=row.status,
        paid_through=row.paid_through,
        revoked_through=row.revoked_through,
        revoked_at=row.revoked_at,
        revoked_by=row.revoked_by,
        failing_since=row.failing_since,
        paused_until=row.paused_until,
        cancel_at=row.cancel_at,
        ended_at=row.ended_at,
        grace_days=row.grace_days,
    )
