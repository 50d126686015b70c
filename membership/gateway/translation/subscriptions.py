"""Subscriptions, invoices, in our own words."""

from datetime import datetime
from typing import cast

from membership.gateway.translation.fields import Expanded, id_of, moment, moment_or_none, reference_of
from membership.gateway.values import InvoiceSnapshot, SubscriptionSnapshot
from membership.money import Money


def subscription(found: Expanded, as_of: datetime) -> SubscriptionSnapshot:
    """Read a subscription of one item, which carries the period."""
    # A StripeObject's `items` is the method of a mapping in older versions; the key is the same in all.
    item = found["items"].data[0]
    ends_at = moment(item.current_period_end)
    reason = found.cancellation_details.reason if found.cancellation_details else None
    return SubscriptionSnapshot(
        id=found.id,
        item_id=item.id,
        customer_id=cast(str, id_of(found.customer)),
        stripe_price_id=item.price.id,
        status=found.status,
        reference=reference_of(found),
        started_at=moment(found.start_date),
        period_starts_at=moment(item.current_period_start),
        period_ends_at=ends_at,
        cancel_at=moment_or_none(found.cancel_at) or (ends_at if found.cancel_at_period_end else None),
        ended_at=moment_or_none(found.ended_at),
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
        period_starts_at=moment(starts),
        period_ends_at=moment(ends),
        created_at=moment(found.created),
        attempts=found.attempt_count,
        paid_at=moment_or_none(found.status_transitions.paid_at),
        payment_intent_ids=tuple(intent for intent in intents if intent),
    )


def _period(found: Expanded) -> tuple[int, int]:
    details = [(line.period, line.parent.subscription_item_details) for line in found.lines.data if line.parent]
    periods = [period for period, item in details if item and not item.proration]
    if not periods:
        return found.period_start, found.period_end
    return min(period.start for period in periods), max(period.end for period in periods)
