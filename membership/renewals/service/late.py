"""Payments that are late: a second letter, the end when nothing comes, and what a new card is tried for."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from membership.money import Money
from membership.subscriptions import rules
from membership.subscriptions import service as subscriptions
from membership.subscriptions.models import Invoice, InvoiceStatus, Purpose, Subscription, SubscriptionStatus

LATE = (SubscriptionStatus.PAST_DUE, SubscriptionStatus.UNPAID)


@dataclass(frozen=True, slots=True)
class Due:
    """What a new card is tried for, as plain values."""

    stripe_subscription_id: str
    stripe_invoice_id: str | None


def remind_of_late_payments(session: Session, now: datetime) -> None:
    """Write the second letter about each payment that is late for as long as its tier says; once for each."""
    for invoice, failed_at in _late(session):
        tier = invoice.subscription.price.tier
        give_up_at = failed_at + timedelta(days=tier.give_up_days)
        if failed_at + timedelta(days=tier.reminder_days) <= now < give_up_at:
            subscriptions.write(
                session,
                "payment_late_again",
                invoice.subscription,
                about=str(invoice.id),
                amount=subscriptions.amount(Money(invoice.total_minor, invoice.total_currency)),
                grace_until=rules.grace_until(failed_at, tier.grace_days).isoformat(),
                give_up_at=give_up_at.isoformat(),
                stop_link=subscriptions.link_for(session, invoice.subscription, Purpose.STOP),
            )


def list_hopeless_cases(session: Session, now: datetime) -> list[str]:
    """List the subscriptions whose payment has been late for longer than their tier bears."""
    return sorted(
        {
            invoice.subscription.stripe_subscription_id
            for invoice, failed_at in _late(session)
            if failed_at + timedelta(days=invoice.subscription.price.tier.give_up_days) <= now
        }
    )


def _late(session: Session) -> Iterator[tuple[Invoice, datetime]]:
    failed = select(Invoice).join(Subscription).where(Subscription.status.in_(LATE))
    failed = failed.where(Invoice.status.in_([InvoiceStatus.OPEN, InvoiceStatus.UNCOLLECTIBLE]))
    failed = failed.where(Invoice.first_failed_at.is_not(None))
    for invoice in session.scalars(failed.order_by(Invoice.created_at, Invoice.id)):
        assert invoice.first_failed_at is not None
        yield invoice, invoice.first_failed_at


def find_due(session: Session, patron_id: int) -> Due | None:
    """Return what a new card of the patron is to be tried for: her newest open invoice, if she is late."""
    live = subscriptions.live_subscription(session, patron_id)
    if live is None:
        return None
    asking = subscriptions.list_open_invoices(session, live.stripe_subscription_id) if live.status in LATE else []
    return Due(live.stripe_subscription_id, next(iter(asking), None))
