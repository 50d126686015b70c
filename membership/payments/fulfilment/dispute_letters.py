"""The letter about a dispute: which payment it is, what its bank does, and what becomes of what was paid for."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from membership.config import Consequence
from membership.mail import service as mail
from membership.money import Money
from membership.payments.fulfilment.letters import NEWS
from membership.payments.models import Dispute, DisputeStatus, Payment
from membership.payments.policy import policy_of
from membership.subscriptions.models import Invoice
from membership.subscriptions.rules import paid_through


def write_about_dispute(session: Session, dispute: Dispute, now: datetime) -> None:
    """Tell whoever paid that the bank took the money back for now; of an inquiry, and of old news, nothing."""
    to, locale = _payer(dispute.payment)
    if dispute.status is not DisputeStatus.OPEN or now - dispute.opened_at > NEWS or to is None:
        return
    mail.write(session, "disputed", to=to, locale=locale, about=str(dispute.id), **_values(session, dispute))


def _payer(payment: Payment) -> tuple[str | None, str]:
    paid = payment.invoice.subscription.patron if payment.invoice else payment.donation
    assert paid is not None
    return paid.email, paid.locale


def _values(session: Session, dispute: Dispute) -> dict[str, Any]:
    payment, brings = dispute.payment, policy_of(session).on_dispute
    told: dict[str, Any] = {
        "amount": _amount(dispute.amount),
        "paid": _amount(payment.gross),
        "paid_at": payment.paid_at.isoformat(),
        "receipt_number": payment.receipt_number,
        "opened_at": dispute.opened_at.isoformat(),
        "is_shut": Consequence.ACCESS in brings and not _is_carried(session, dispute),
        "is_ended": payment.invoice is not None and Consequence.SUBSCRIPTION in brings,
    }
    return told | ({"tier": payment.invoice.asked.tier.name} if payment.invoice else {})


def _is_carried(session: Session, dispute: Dispute) -> bool:
    """Whether something else that was paid for the same order still counts: an older payment may be disputed."""
    invoice = dispute.payment.invoice
    if invoice is None:
        return False
    kept = paid_through(session.scalars(select(Invoice).filter_by(subscription_id=invoice.subscription_id)))
    return kept is not None and kept > dispute.opened_at


def _amount(amount: Money) -> dict[str, Any]:
    return {"minor": amount.minor, "currency": amount.currency}
