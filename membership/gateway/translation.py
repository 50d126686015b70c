"""Stripe's objects in our own words, in the shapes of API version 2026-10-28.endive."""

import json
from datetime import UTC, datetime
from typing import Any, cast

from membership.gateway import signatures
from membership.gateway.values import (
    CheckoutSnapshot,
    CheckoutStatus,
    GatewayEvent,
    InvoiceSnapshot,
    PaymentSnapshot,
    RefundSnapshot,
    SettlementSnapshot,
    SubscriptionSnapshot,
)
from membership.money import Money

# An expandable field is an id or an object, and the types of the package cannot tell which was asked for.
Expanded = Any


def checkout(session: Expanded) -> CheckoutSnapshot:
    """Read a checkout session."""
    return CheckoutSnapshot(
        id=session.id,
        url=session.url,
        status=CheckoutStatus(session.status),
        is_paid=session.payment_status in {"paid", "no_payment_required"},
        reference=session.client_reference_id or "",
        mode=session.mode,
        customer_id=id_of(session.customer),
        subscription_id=id_of(session.subscription),
        payment_intent_id=id_of(session.payment_intent),
        created_at=_moment(session.created),
    )


def subscription(found: Expanded, as_of: datetime) -> SubscriptionSnapshot:
    """Read a subscription of one item, which carries the period."""
    # A StripeObject's `items` is the method of a mapping in older versions; the key is the same in all.
    item = found["items"].data[0]
    ends_at = _moment(item.current_period_end)
    reason = found.cancellation_details.reason if found.cancellation_details else None
    return SubscriptionSnapshot(
        id=found.id,
        item_id=item.id,
        customer_id=cast(str, id_of(found.customer)),
        stripe_price_id=item.price.id,
        status=found.status,
        reference=_reference(found),
        started_at=_moment(found.start_date),
        period_starts_at=_moment(item.current_period_start),
        period_ends_at=ends_at,
        cancel_at=_moment_or_none(found.cancel_at) or (ends_at if found.cancel_at_period_end else None),
        ended_at=_moment_or_none(found.ended_at),
        end_reason=reason if found.ended_at else None,
        as_of=as_of,
    )


def invoice(found: Expanded) -> InvoiceSnapshot:
    """Read an invoice with its `payments` expanded."""
    starts, ends = _period(found)
    parent = found.parent.subscription_details if found.parent else None
    intents = [id_of(one.payment.payment_intent) for one in found.payments.data if "payment_intent" in one.payment]
    return InvoiceSnapshot(
        id=found.id,
        subscription_id=id_of(parent.subscription) if parent else None,
        status=found.status,
        total=Money(found.total, found.currency),
        period_starts_at=_moment(starts),
        period_ends_at=_moment(ends),
        created_at=_moment(found.created),
        attempts=found.attempt_count,
        paid_at=_moment_or_none(found.status_transitions.paid_at),
        payment_intent_ids=tuple(intent for intent in intents if intent),
    )


def payment(intent: Expanded, refunds: tuple[RefundSnapshot, ...] = ()) -> PaymentSnapshot:
    """Read a payment intent with `latest_charge.balance_transaction` expanded."""
    charge = intent.latest_charge if intent.status == "succeeded" else None
    return PaymentSnapshot(
        id=intent.id,
        status=intent.status,
        amount=Money(intent.amount, intent.currency),
        reference=_reference(intent),
        customer_id=id_of(intent.customer),
        charge_id=charge.id if charge else None,
        paid_at=_moment(charge.created) if charge else None,
        settlement=_settlement_or_none(charge.balance_transaction) if charge else None,
        refunds=refunds,
    )


def refund(found: Expanded) -> RefundSnapshot:
    """Read a refund with its `balance_transaction` expanded."""
    return RefundSnapshot(
        id=found.id,
        payment_intent_id=id_of(found.payment_intent) or "",
        amount=Money(found.amount, found.currency),
        status=found.status,
        reference=_reference(found),
        settlement=_settlement_or_none(found.balance_transaction),
        created_at=_moment(found.created),
    )


def settlement(found: Expanded) -> SettlementSnapshot:
    """Read a balance transaction."""
    return SettlementSnapshot(
        id=found.id,
        source_id=id_of(found.source),
        category=found.reporting_category,
        gross=Money(found.amount, found.currency),
        fee=Money(found.fee, found.currency),
        net=Money(found.net, found.currency),
        created_at=_moment(found.created),
    )


def event(found: Expanded) -> GatewayEvent:
    """Read a listed event, as if it had been delivered."""
    # Decimals are strings on the wire.
    return signatures.read(json.dumps(found.to_dict(), default=str).encode())


def terms(price: Expanded) -> tuple[str | None, Money, str | None]:
    """Return what a price is about: product, amount and interval."""
    interval = price.recurring.interval if price.recurring else None
    return id_of(price.product), Money(price.unit_amount, price.currency), interval


def id_of(reference: Expanded) -> str | None:
    """Return the id of a reference, expanded or not."""
    return reference if reference is None or isinstance(reference, str) else reference.id


def _settlement_or_none(found: Expanded) -> SettlementSnapshot | None:
    return settlement(found) if found else None


def _reference(found: Expanded) -> str:
    return found.metadata["reference"] if found.metadata and "reference" in found.metadata else ""


def _period(found: Expanded) -> tuple[int, int]:
    details = [(line.period, line.parent.subscription_item_details) for line in found.lines.data if line.parent]
    periods = [period for period, item in details if item and not item.proration]
    if not periods:
        return found.period_start, found.period_end
    return min(period.start for period in periods), max(period.end for period in periods)


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _moment_or_none(seconds: int | None) -> datetime | None:
    return None if seconds is None else _moment(seconds)
