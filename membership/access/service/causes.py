"""The queries for everything that can give access, and for what else is known of a reader."""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    Boolean,
    Case,
    CompoundSelect,
    Label,
    ScalarSelect,
    bindparam,
    case,
    cast,
    func,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from membership.access.models import AppealRest, Comp, SiteSubject
from membership.access.rules import (
    UNKNOWN,
    Cause,
    Complimentary,
    GivenTime,
    GroupSeat,
    Level,
    Reader,
    Source,
    StandingOrder,
)
from membership.groups.models import Group, Seat
from membership.patrons.models import Ban, Patron
from membership.payments.models import Payment
from membership.subscriptions.models import Invoice, InvoiceStatus, Subscription, SubscriptionStatus
from membership.terms.models import Term
from membership.tiers.models import Price, Tier

Causes = CompoundSelect[*tuple[Any, ...]]


# A trial costs nothing and gives nothing: what she was given, which it waits for, is a cause of its own.
_IS_TRIAL = (Subscription.status == SubscriptionStatus.TRIALING) & (Invoice.total_minor == 0)
_IS_KEPT = (Invoice.status == InvoiceStatus.PAID) & Invoice.revoked_at.is_(None)
_IS_OWED = (Invoice.status == InvoiceStatus.OPEN) | (Invoice.status == InvoiceStatus.UNCOLLECTIBLE)
_IS_ASKED = (Invoice.status == InvoiceStatus.OPEN) & Invoice.first_failed_at.is_(None)
# Her invoices are read once; what few subscriptions have is looked for only where there is such an invoice.
_PAID_THROUGH = func.max(Invoice.period_ends_at).filter(_IS_KEPT, ~_IS_TRIAL)
_REVOKED_THROUGH = func.max(Invoice.period_ends_at).filter(Invoice.revoked_at.is_not(None))
# Whom a bank's dispute or the like stopped, did not stop: here by us, or by Stripe itself where it is told to.
_WAS_STOPPED = ~Subscription.is_cut_off & Subscription.end_reason.is_distinct_from("payment_disputed")
_STOPPED_AT = case((_WAS_STOPPED, Subscription.ended_at))
_DEBITED_SINCE = func.max(Invoice.period_starts_at).filter(_IS_ASKED)


def _last_revoked(column: InstrumentedAttribute[Any]) -> Case[Any]:
    revoked = select(column).where(Invoice.subscription_id == Subscription.id, Invoice.revoked_at.is_not(None))
    last = revoked.order_by(Invoice.period_ends_at.desc()).limit(1).correlate(Subscription).scalar_subquery()
    return case((func.count(Invoice.revoked_at) > 0, last))


def _failing_since() -> Case[datetime]:
    # Only the periods after the paid ones: an old debt that was never cleared says nothing about today.
    kept = aliased(Invoice)
    covered = (
        select(kept.id)
        .where(kept.subscription_id == Invoice.subscription_id, kept.period_ends_at >= Invoice.period_ends_at)
        .where(kept.status == InvoiceStatus.PAID, kept.revoked_at.is_(None))
    )
    failed = (
        select(func.min(Invoice.first_failed_at))
        .where(Invoice.subscription_id == Subscription.id, ~covered.correlate(Invoice).exists())
        .where(_IS_OWED)
    )
    since = failed.correlate(Subscription).scalar_subquery()
    return case((func.count(Invoice.first_failed_at).filter(_IS_OWED) > 0, since))


def _gave_at() -> ScalarSelect[datetime]:
    # A gift that was given back in full is none.
    kept = Payment.refunded_minor < Payment.gross_minor
    given = select(func.max(Payment.paid_at)).where(Payment.patron_id == Patron.id, Payment.donation_id.is_not(None))
    return given.where(kept).correlate(Patron).scalar_subquery()


def _absent(like: Any, name: str) -> Label[Any]:
    # Cast: of two columns without a type PostgreSQL makes a text, which a third one with a type does not fit.
    return cast(null(), getattr(like, "type", like)).label(name)


_NO_READER = (
    _absent(Ban.banned_at, "barred_at"),
    _absent(Payment.paid_at, "gave_at"),
    _absent(AppealRest.until, "quiet_until"),
    _absent(Boolean(), "is_erased"),
)
_TIER = (Tier.slug, Tier.flags, Tier.vote_weight, Tier.name, Tier.grace_days)
_NO_TIER = tuple(_absent(column, column.key) for column in _TIER)
_NO_TERM = (_absent(Term.source, "given_as"), _absent(Term.awaited_until, "awaited_until"))
_NO_GROUP = (_absent(Group.name, "group_name"),)
_NO_COMP = (_absent(Comp.starts_at, "starts_at"), _absent(Comp.ends_at, "ends_at"), *_NO_TERM, *_NO_GROUP)
_NO_ORDER = (
    _absent(Subscription.status, "status"),
    *(_absent(Subscription.cancel_at, f"moment_{number}") for number in range(6)),
    _absent(Invoice.revoked_by, "revoked_by"),
    _absent(Subscription.cancel_at, "moment_6"),
    _absent(Subscription.cancel_at, "moment_7"),
)
_ORDER = (
    *_TIER,
    Subscription.status,
    Subscription.cancel_at,
    _STOPPED_AT.label("ended_at"),
    Subscription.paused_until,
    _PAID_THROUGH.label("paid_through"),
    _REVOKED_THROUGH.label("revoked_through"),
    _last_revoked(Invoice.revoked_at).label("revoked_at"),
    _last_revoked(Invoice.revoked_by).label("revoked_by"),
    _failing_since().label("failing_since"),
    _DEBITED_SINCE.label("debited_since"),
    *_NO_COMP,
    *_NO_READER,
)
ORDERS = (
    select(Subscription.patron_id, *_ORDER)
    .join(Price, Price.id == Subscription.price_id)
    .join(Tier, Tier.id == Price.tier_id)
    .outerjoin(Invoice, Invoice.subscription_id == Subscription.id)
    .group_by(Subscription.id, Tier.id)
)
COMPS = (
    select(Comp.patron_id, *_TIER, *_NO_ORDER, Comp.starts_at, Comp.ends_at, *_NO_TERM, *_NO_GROUP, *_NO_READER)
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
        *_NO_GROUP,
        *_NO_READER,
    )
    .join(Tier, Tier.id == Term.tier_id)
    .where(Term.revoked_at.is_(None))
)
_SEAT_ENDS_AT = func.coalesce(Seat.ended_at, Group.ends_at)
SEATS = (
    select(
        Seat.patron_id,
        *_TIER,
        *_NO_ORDER,
        Group.starts_at,
        _SEAT_ENDS_AT.label("ends_at"),
        *_NO_TERM,
        Group.name.label("group_name"),
        *_NO_READER,
    )
    .join(Group, Group.id == Seat.group_id)
    .join(Tier, Tier.id == Group.tier_id)
)
_is_erased = Patron.email.is_(None) | Patron.erasure_asked_at.is_not(None)
# A row of no tier about everybody who has an account: what else a decision turns on.
READERS = (
    select(
        Patron.id.label("patron_id"),
        *_NO_TIER,
        *_NO_ORDER,
        *_NO_COMP,
        Ban.banned_at.label("barred_at"),
        _gave_at().label("gave_at"),
        AppealRest.until.label("quiet_until"),
        _is_erased.label("is_erased"),
    )
    .outerjoin(Ban, (Ban.patron_id == Patron.id) & Ban.lifted_at.is_(None))
    .outerjoin(AppealRest, AppealRest.patron_id == Patron.id)
)
_FINAL = [status for status in SubscriptionStatus if status.is_final]

# Built once: building a statement costs more than the answer, and these are asked for every reader.
CAUSES_OF: Causes = union_all(
    ORDERS.where(Subscription.patron_id == bindparam("patron_id")),
    COMPS.where(Comp.patron_id == bindparam("patron_id")),
    TERMS.where(Term.patron_id == bindparam("patron_id")),
    SEATS.where(Seat.patron_id == bindparam("patron_id")),
    READERS.where(Patron.id == bindparam("patron_id")),
)
_MANY: BindParameter[Any] = bindparam("patron_ids", expanding=True)
CAUSES_OF_MANY: Causes = union_all(
    ORDERS.where(Subscription.patron_id.in_(_MANY)),
    COMPS.where(Comp.patron_id.in_(_MANY)),
    TERMS.where(Term.patron_id.in_(_MANY)),
    SEATS.where(Seat.patron_id.in_(_MANY)),
    READERS.where(Patron.id.in_(_MANY)),
)
_NAMED = (SiteSubject.site_id == bindparam("site_id"), SiteSubject.subject == bindparam("subject"))
CAUSES_BEHIND: Causes = union_all(
    ORDERS.join(SiteSubject, SiteSubject.patron_id == Subscription.patron_id).where(*_NAMED),
    COMPS.join(SiteSubject, SiteSubject.patron_id == Comp.patron_id).where(*_NAMED),
    TERMS.join(SiteSubject, SiteSubject.patron_id == Term.patron_id).where(*_NAMED),
    SEATS.join(SiteSubject, SiteSubject.patron_id == Seat.patron_id).where(*_NAMED),
    READERS.join(SiteSubject, SiteSubject.patron_id == Patron.id).where(*_NAMED),
)
CAUSES_NOW: Causes = union_all(
    ORDERS.where(Subscription.status.not_in(_FINAL) | ~_WAS_STOPPED),
    COMPS.where(Comp.starts_at <= bindparam("now"), Comp.ends_at > bindparam("now")),
    TERMS.where(Term.starts_at <= bindparam("now"), Term.awaited_until > bindparam("now")),
    SEATS.where(
        Seat.patron_id.is_not(None),
        Group.starts_at <= bindparam("now"),
        or_(_SEAT_ENDS_AT.is_(None), bindparam("now") < _SEAT_ENDS_AT),
    ),
    READERS.where(Ban.id.is_not(None)),
    READERS.where(_is_erased),
)


@lru_cache(maxsize=100)
def _flags(names: tuple[str, ...]) -> frozenset[str]:
    # One set for all who hold the same: many decisions are kept at a time.
    return frozenset(names)


def read_cause(row: Any) -> Cause:
    """Read a row that has a tier."""
    level = Level(row.slug, _flags(tuple(row.flags)), row.vote_weight, row.name)
    if row.given_as is not None:
        return GivenTime(level, Source(row.given_as), row.starts_at, row.ends_at, row.awaited_until)
    if row.group_name is not None:
        return GroupSeat(level, row.group_name, row.starts_at, row.ends_at)
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
        debited_since=row.debited_since,
        paused_until=row.paused_until,
        cancel_at=row.cancel_at,
        ended_at=row.ended_at,
        grace_days=row.grace_days,
    )


def read_reader(rows: Iterable[Any]) -> Reader:
    """Read what else is known of a reader, from the row that has no tier."""
    for row in rows:
        if row.slug is None:
            return Reader(row.barred_at, row.gave_at, row.quiet_until, row.is_erased)
    return UNKNOWN
