"""The time that a one-off gift gives by policy, and that goes with its money."""

from datetime import datetime

from sqlalchemy.orm import Session

from membership.donations.models import Donation, Method, Purpose
from membership.payments.models import Payment
from membership.terms import service as terms
from membership.terms.models import TermSource


def give_time(session: Session, payment: Payment, donation: object) -> None:
    """Give a patron the time that her gift comes to, once; nothing for what is no donation."""
    if not isinstance(donation, Donation) or donation.patron_id is None or donation.purpose is not Purpose.DONATION:
        return
    terms.give_for_money(
        session,
        patron_id=donation.patron_id,
        amount=donation.gift,
        paid_at=payment.paid_at,
        source=TermSource.DONATION if donation.method is Method.STRIPE else TermSource.OFFLINE,
        cause=_cause(donation),
    )


def take_time_back(session: Session, payment: Payment, now: datetime) -> None:
    """Take the time of a gift back when all of its money is, and give it again when it is not any more."""
    if payment.donation is None:
        return
    if payment.returned_at is not None or payment.refunded_minor == payment.gross.minor:
        terms.revoke(session, _cause(payment.donation), now)
    else:
        terms.restore(session, _cause(payment.donation))


def _cause(donation: Donation) -> str:
    return f"donation:{donation.id}"
