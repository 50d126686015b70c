"""What our rows say about the objects that Stripe listed."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Row, Select, case, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from membership.donations.models import Donation
from membership.ledger.models import JournalTransaction
from membership.payments.fulfilment import Facts
from membership.payments.models import Dispute, FraudWarning, Payment, Payout, Refund
from membership.reconcile.rules import Known, KnownSubscription
from membership.subscriptions.models import Invoice, RevokedBy, Subscription, SubscriptionIntent
from membership.tiers.models import Price

# SQLite takes 32,766 values in a statement, PostgreSQL 65,535; short statements are also planned faster.
AT_ONCE = 1000
Column = InstrumentedAttribute[Any]
Rows = Iterator[Row[*tuple[Any, ...]]]
# What is kept of each kind: under which id of Stripe's, and what more of it we need to know.
_COLUMNS: Mapping[str, tuple[Any, ...]] = {
    "prices": (Price.stripe_price_id,),
    "invoices": (
        Invoice.stripe_invoice_id,
        Invoice.status,
        case((Invoice.revoked_by == RevokedBy.RETURN, Invoice.revoked_at)),
    ),
    "payments": (Payment.stripe_payment_intent_id,),
    "charges": (Payment.stripe_charge_id, Payment.returned_at),
    "refunds": (Refund.stripe_refund_id, Refund.status),
    "disputes": (Dispute.stripe_dispute_id, Dispute.status),
    "warnings": (FraudWarning.stripe_warning_id,),
    "payouts": (Payout.stripe_payout_id, Payout.status, Payout.is_complete),
    "settlements": (JournalTransaction.stripe_balance_transaction_id,),
}


def known_of(session: Session, facts: Facts) -> Known:
    """Read what we know about these facts, in a bounded number of statements per thousand objects."""
    asked = _asked(facts)
    return Known(
        wishes=_wishes(session, facts),
        subscriptions=_subscriptions(session, asked["subscriptions"]),
        **{name: _found(session, columns, asked[name]) for name, columns in _COLUMNS.items()},
    )


def _asked(facts: Facts) -> dict[str, list[str | None]]:
    """Return the ids to look for, by what they are ids of."""
    sources = [one.source_id for one in facts.settlements]
    paid = [paid for one in facts.invoices for paid in one.payment_intent_ids]
    return {
        "subscriptions": [
            *(one.id for one in facts.subscriptions),
            *(one.subscription_id for one in facts.invoices),
            *(one.subscription_id for one in facts.checkouts),
        ],
        "prices": [one.next_price_id for one in facts.subscriptions],
        "invoices": [one.id for one in facts.invoices],
        "payments": [*facts.payment_intent_ids(), *paid, *(one.payment_intent_id for one in facts.checkouts)],
        "charges": [
            *(one.charge_id for one in facts.payments),
            *(one.id for one in facts.all_returned_debits()),
            *sources,
        ],
        "refunds": [*(one.id for one in facts.refunds), *sources],
        "disputes": [*(one.id for one in facts.disputes), *sources],
        "warnings": [one.id for one in facts.fraud_warnings],
        "payouts": [one.id for one in facts.payouts],
        "settlements": [one.id for one in facts.settlements],
    }


def _found(session: Session, columns: tuple[Any, ...], ids: Iterable[str | None]) -> Any:
    """Return the ids that we have; where more is wanted of each, with that."""
    named, *more = columns
    rows = _rows(session, select(*columns), named, ids)
    if not more:
        return frozenset(one for (one,) in rows)
    return {one: told[0] if len(more) == 1 else tuple(told) for one, *told in rows}


def _wishes(session: Session, facts: Facts) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for wish in (SubscriptionIntent, Donation):
        session_id, reference = wish.stripe_session_id, wish.reference
        asked = select(session_id, wish.status)
        found |= dict(map(tuple, _rows(session, asked, session_id, [one.id for one in facts.checkouts])))
        unanswered = select(reference, wish.status).where(session_id.is_(None))
        found |= dict(map(tuple, _rows(session, unanswered, reference, [one.reference for one in facts.checkouts])))
    return found


def _subscriptions(session: Session, ids: Iterable[str | None]) -> Mapping[str, KnownSubscription]:
    following = aliased(Price)
    wanted = select(
        Subscription.stripe_subscription_id,
        Subscription.status,
        Price.stripe_price_id,
        Subscription.period_starts_at,
        Subscription.period_ends_at,
        Subscription.cancel_at,
        Subscription.paused_until,
        following.stripe_price_id,
        Subscription.next_price_at,
        Subscription.pending_until,
    ).join(Price, Price.id == Subscription.price_id)
    wanted = wanted.outerjoin(following, following.id == Subscription.next_price_id)
    rows = _rows(session, wanted, Subscription.stripe_subscription_id, ids)
    return {row[0]: KnownSubscription(*tuple(row)[1:]) for row in rows}


def _rows(session: Session, wanted: Select[*tuple[Any, ...]], key: Column, ids: Iterable[str | None]) -> Rows:
    distinct = sorted({one for one in ids if one})
    for start in range(0, len(distinct), AT_ONCE):
        yield from session.execute(wanted.where(key.in_(distinct[start : start + AT_ONCE])))
