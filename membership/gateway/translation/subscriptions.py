"""Subscriptions, invoices, in our own words."""

from datetime import datetime
from typing import cast

from membership.gateway.translation.fields import Expanded, id_of, moment, moment_or_none, reference_of
from membership.gateway.values import InvoiceSnapshot, Preview, SubscriptionSnapshot
from membership.money import Money


def subscription(found: Expanded, as_of: datetime) -> SubscriptionSnapshot:
    """Read a subscription of one item, which carries the period, with its `schedule` expanded."""
    # A StripeObject's `items` is the method of a mapping in older versions; the key is the same in all.
    item = found["items"].data[0]
    ends_at = moment(item.current_period_end)
    reason = found.cancellation_details.reason if found.cancellation_details else None
    pause, following = found.pause_collection, _following(found.schedule, as_of)
    return SubscriptionSnapshot(
        id=found.id,
        item_id=item.id,
        customer_id=cast(str, id_of(found.customer)),
        stripe_price_id=item.price.id,
        # A pause without an end is made by hand only; nobody is asked and nothing runs, as with their own word for it.
        status="paused" if pause and not pause.resumes_at else found.status,
        reference=reference_of(found),
        started_at=moment(found.start_date),
        period_starts_at=moment(item.current_period_start),
        period_ends_at=ends_at,
        cancel_at=moment_or_none(found.cancel_at) or (ends_at if found.cancel_at_period_end else None),
        ended_at=moment_or_none(found.ended_at),
        end_reason=reason if found.ended_at else None,
        as_of=as_of,
        paused_until=moment_or_none(pause.resumes_at) if pause else None,
        next_price_id=id_of(following["items"][0].price) if following else None,
        next_price_at=moment(following.start_date) if following else None,
        pending_until=moment(found.pending_update.expires_at) if found.pending_update else None,
    )


def _following(schedule: Expanded, now: datetime) -> Expanded:
    phases = schedule.phases if schedule else []
    return next((phase for phase in phases if moment(phase.start_date) > now), None)


def current_phase(schedule: Expanded) -> Expanded:
    """Return the phase of a schedule that runs now."""
    return next(phase for phase in schedule.phases if phase.start_date == schedule.current_phase.start_date)


def preview(found: Expanded) -> Preview:
    """Read an invoice that was not made."""
    amounts = [line.amount for line in found.lines.data]
    credit, charge = -sum(one for one in amounts if one < 0), sum(one for one in amounts if one > 0)
    carried = max(0, found.starting_balance + found.total - found.amount_due)
    return Preview(*(Money(minor, found.currency) for minor in (credit, charge, found.amount_due, carried)))


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
        stripe_price_id=_price(found),
    )


def _price(found: Expanded) -> str | None:
    """Return the price that an invoice asks for: of its own lines, else of what it charges for a change of price."""
    lines = [
        (line, details)
        for line in found.lines.data
        if (details := _details(line)) and "pricing" in line and line.pricing
    ]
    renewals = [line for line, details in lines if not details.proration]
    asked = renewals or [line for line, _ in lines if line.amount > 0]
    return id_of(asked[-1].pricing.price_details.price) if asked else None


def _period(found: Expanded) -> tuple[int, int]:
    """Return the period that an invoice pays for: of its own lines, else of what it charges for a change of price.

    The period of the invoice itself is only the time in which its lines came together.
    """
    lines = [(line, details) for line in found.lines.data if (details := _details(line))]
    renewals = [line.period for line, details in lines if not details.proration]
    changes = [line.period for line, _ in lines if line.amount > 0]
    periods = renewals or changes or [line.period for line, _ in lines]
    if not periods:
        return found.period_start, max(found.period_end, found.period_start + 1)
    return min(period.start for period in periods), max(period.end for period in periods)


def _details(line: Expanded) -> Expanded:
    """Return what a line says of the subscription's item that it asks for, or that it corrects."""
    if not line.parent:
        return None
    corrects = line.parent.invoice_item_details
    return line.parent.subscription_item_details or (corrects if corrects and corrects.proration else None)
