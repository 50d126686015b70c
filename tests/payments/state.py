"""What one patron's money looks like in our rows, in words that are the same for everybody with the same story."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from membership.access.service import flags_of
from membership.clock import utc_now
from membership.gateway.memory import MemoryGateway
from membership.ledger.models import JournalTransaction
from membership.payments.models import Payment, Refund
from membership.subscriptions.models import Invoice, Subscription, SubscriptionIntent


def state_of(session: Session, gateway: MemoryGateway, patron_id: int) -> dict[str, object]:
    """Return the wishes, mirrors, books and access of one patron; no ids, no times of recording, no order."""
    session.rollback()
    subscriptions = list(session.scalars(select(Subscription).filter_by(patron_id=patron_id)))
    mine = select(Invoice).where(Invoice.subscription_id.in_([one.id for one in subscriptions]))
    invoices = list(session.scalars(mine.order_by(Invoice.period_starts_at)))
    payments = list(session.scalars(select(Payment).filter_by(patron_id=patron_id)))
    intents = session.scalars(select(SubscriptionIntent.status).filter_by(patron_id=patron_id))
    return {
        "intents": list(intents),
        "subscriptions": [(one.status, one.is_surplus, one.end_reason, one.cancel_at is None) for one in subscriptions],
        "invoices": [(one.status, one.attempts, one.revoked_at is not None, one.total_minor) for one in invoices],
        # A fee is none until it is known.
        "payments": sorted(
            ((one.gross.minor, one.fee_minor, one.refunded_minor, one.invoice_id is None) for one in payments), key=str
        ),
        "journal": _journal(session, gateway, payments),
        "flags": flags_of(session, patron_id, utc_now()),
    }


def _journal(session: Session, gateway: MemoryGateway, payments: list[Payment]) -> list[object]:
    refunds = list(session.scalars(select(Refund).where(Refund.payment_id.in_([one.id for one in payments]))))
    sources = {one.stripe_charge_id for one in payments} | {one.stripe_refund_id for one in refunds}
    causes = [f"payment:{one.stripe_payment_intent_id}" for one in payments]
    causes += [f"refund:{one.stripe_refund_id}" for one in refunds]
    causes += [f"settlement:{one.id}" for one in gateway.world.settlements.values() if one.source_id in sources]
    found = session.scalars(select(JournalTransaction).where(JournalTransaction.cause.in_(causes)))
    return sorted(
        (one.kind.value, sorted((entry.account.value, entry.amount.minor) for entry in one.entries)) for one in found
    )
