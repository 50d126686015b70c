"""Bank debits that come back: neither refund nor dispute; what was booked as income has never really come."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from membership.audit.service import note
from membership.gateway.values import ReturnedDebit
from membership.ledger.models import Account, JournalKind
from membership.ledger.service import book
from membership.money import Money
from membership.payments.fulfilment.bookings import settle_payments
from membership.payments.fulfilment.consequences import weigh
from membership.payments.fulfilment.settlements import settle
from membership.payments.models import Payment


def find_returned(session: Session, returned: ReturnedDebit) -> Payment | None:
    """Return the payment that came back, if we ever took it for one."""
    return session.scalar(select(Payment).filter_by(stripe_charge_id=returned.id))


def take_back(session: Session, payment: Payment, returned: ReturnedDebit) -> None:
    """Record once that a payment has failed after all, in the books and in what it paid for."""
    payment.returned_at = returned.failure.created_at
    session.flush()
    settle_payments(session, [(payment, returned.settlement)])
    settle(session, returned.failure, JournalKind.RETURN, payment.gross)
    back = [(Account.RETURNED_DEBITS, payment.gross), (Account.CLEARING, -payment.gross)]
    book(session, f"returned:{returned.id}", JournalKind.RETURN, payment.returned_at, back)
    weigh(session, payment)


def note_return(session: Session, payment: Payment) -> None:
    """Keep in the audit log that a bank took a payment back."""
    subject, amount = payment.receipt_number, payment.gross
    note(session, actor="bank", action="payment.sent_back", subject=subject, amount=amount.minor)


def settle_in_vain(session: Session, returned: ReturnedDebit, sold: Money) -> None:
    """Book both ways what came and went of a debit before we ever took it for a payment; only its fees remain."""
    if returned.settlement is not None:
        settle(session, returned.settlement, JournalKind.SETTLEMENT, sold)
    settle(session, returned.failure, JournalKind.RETURN, sold)
