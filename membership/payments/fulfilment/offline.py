"""Money that came past Stripe, and what goes back of it: the same receipts, the same books, the same time."""

import secrets
from datetime import datetime

from sqlalchemy.orm import Session

from membership.clock import utc_now
from membership.donations.models import Donation, Method
from membership.ledger.models import Account, JournalKind
from membership.ledger.service import OfflineAmounts, book, book_offline
from membership.money import Money
from membership.payments.fulfilment.bookings import next_receipt_number
from membership.payments.fulfilment.consequences import weigh
from membership.payments.fulfilment.letters import write_about_gift
from membership.payments.fulfilment.posting import Post
from membership.payments.fulfilment.time import give_time
from membership.payments.models import Payment, Refund, RefundStatus

HELD = {
    Method.BANK: Account.BANK,
    Method.CHEQUE: Account.CHEQUES,
    Method.CASH: Account.CASH,
    Method.PAYPAL: Account.PAYPAL,
    Method.CRYPTO: Account.CRYPTO,
    Method.IN_KIND: Account.IN_KIND,
    Method.GRANT: Account.BANK,
}


def take_offline(session: Session, donation: Donation, fee: Money) -> Payment:
    """Record a paid donation that came past Stripe: receipt, books, time and letter. Raises ValueError for Stripe's."""
    held = HELD[donation.method]
    paid_at = donation.paid_at or utc_now()
    payment = Payment(
        donation=donation,
        patron_id=donation.patron_id,
        source=donation.source,
        gross=donation.amount,
        fee_minor=fee.minor,
        paid_at=paid_at,
        receipt_number=next_receipt_number(session, paid_at.year),
    )
    session.add(payment)
    session.flush()
    income = Account.GRANT_INCOME if donation.method is Method.GRANT else Account.DONATION_INCOME
    amounts = OfflineAmounts(donation.amount, fee, Money(0, fee.currency))
    book_offline(session, donation.reference, paid_at, amounts, held=held, income=income)
    give_time(session, payment, donation)
    post = Post(session)
    write_about_gift(post, payment, utc_now())
    post.write()
    return payment


def give_back_offline(session: Session, payment: Payment, amount: Money, reason: str, now: datetime) -> Refund:
    """Record that money went back the way it came: a cheque that bounced, a transfer returned."""
    refund = Refund(
        reference=f"ref_{secrets.token_hex(16)}",
        payment=payment,
        amount=amount,
        status=RefundStatus.SUCCEEDED,
        reason=reason,
        created_at=now,
    )
    session.add(refund)
    session.flush()
    weigh(session, payment)
    held = HELD[payment.donation.method] if payment.donation else Account.BANK
    legs = [(Account.REFUNDS, amount), (held, -amount)]
    book(session, f"refund_offline:{refund.reference}", JournalKind.REFUND, now, legs)
    return refund
