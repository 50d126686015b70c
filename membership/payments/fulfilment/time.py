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


def take_time_back(session: Session, donation: Donation, revoked_at: datetime | None) -> None:
    """Take the time of a gift back when its money is, and give it again when it is not any more."""
    if revoked_at is not None:
        terms.revoke(session, _cause(donation), revoked_at)
    else:
        terms.restore(session, _cause(donation))


def _cause(donation: Donation) -> str:
    return f"donation:{donation.id}"
