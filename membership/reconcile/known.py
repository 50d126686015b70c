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


def known_of(session: Session, facts: Facts) -> Known:
    """Read what we know about these facts, in a bounded number of statements per thousand objects."""
    payment_ids = facts.payment_intent_ids() | {paid for one in facts.invoices for paid in one.payment_intent_ids}
    payment_ids |= {one.payment_intent_id for one in facts.checkouts if one.payment_intent_id}
    subscription_ids = {one.id for one in facts.subscriptions} | {one.subscription_id for one in facts.invoices}
    subscription_ids |= {one.subscription_id for one in facts.checkouts}
    sources = [one.source_id for one in facts.settlements if one.source_id]
    charge_ids = [one.charge_id for one in facts.payments] + [one.id for one in facts.all_returned_debits()] + sources
    by_charge = _rows(
        session, select(Payment.stripe_charge_id, Payment.returned_at), Payment.stripe_charge_id, charge_ids
    )
    refund_ids = [one.id for one in facts.refunds] + sources
    refunds = _rows(session, select(Refund.stripe_refund_id, Refund.status), Refund.stripe_refund_id, refund_ids)
    dispute_ids = [one.id for one in facts.disputes] + sources
    named = Dispute.stripe_dispute_id
    disputes = _rows(session, select(named, Dispute.status), named, dispute_ids)
    warned, warning_ids = FraudWarning.stripe_warning_id, [one.id for one in facts.fraud_warnings]
    booked = JournalTransaction.stripe_balance_transaction_id
    paid, priced = Payment.stripe_payment_intent_id, Price.stripe_price_id
    following = [one.next_price_id for one in facts.subscriptions if one.next_price_id]
    return Known(
        wishes=_wishes(session, facts),
        subscriptions=_subscriptions(session, subscription_ids),
        prices=frozenset(one for (one,) in _rows(session, select(priced), priced, following)),
        invoices={row[0]: (row[1], row[2]) for row in _invoices(session, facts)},
        payments=frozenset(one for (one,) in _rows(session, select(paid), paid, payment_ids)),
        charges=dict(map(tuple, by_charge)),
        refunds=dict(map(tuple, refunds)),
        disputes=dict(map(tuple, disputes)),
        warnings=frozenset(one for (one,) in _rows(session, select(warned), warned, warning_ids)),
        payouts={row[0]: (row[1], row[2]) for row in _payouts(session, facts)},
        settlements=frozenset(
            one for (one,) in _rows(session, select(booked), booked, [one.id for one in facts.settlements])
        ),
    )


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


def _payouts(session: Session, facts: Facts) -> Rows:
    wanted = select(Payout.stripe_payout_id, Payout.status, Payout.is_complete)
    return _rows(session, wanted, Payout.stripe_payout_id, [one.id for one in facts.payouts])


def _invoices(session: Session, facts: Facts) -> Rows:
    returned_at = case((Invoice.revoked_by == RevokedBy.RETURN, Invoice.revoked_at))
    wanted = select(Invoice.stripe_invoice_id, Invoice.status, returned_at)
    return _rows(session, wanted, Invoice.stripe_invoice_id, [one.id for one in facts.invoices])


def _rows(session: Session, wanted: Select[*tuple[Any, ...]], key: Column, ids: Iterable[str | None]) -> Rows:
    distinct = sorted({one for one in ids if one})
    for start in range(0, len(distinct), AT_ONCE):
        yield from session.execute(wanted.where(key.in_(distinct[start : start + AT_ONCE])))
