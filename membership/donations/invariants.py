"""What must always hold about donations; each finds the rows that offend, without personal data."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from membership.clock import utc_now
from membership.donations.models import Donation, DonationStatus, Method

BANK_DEBIT = timedelta(days=14)


def no_forgotten_checkout(session: Session) -> list[str]:
    """Find checkouts still called open long after they closed, the days of a bank debit allowed for."""
    return _left(session, DonationStatus.OPEN, utc_now() - BANK_DEBIT)


def no_stuck_donation(session: Session) -> list[str]:
    """Find donations that the sweeper should have finished or failed."""
    return _left(session, DonationStatus.STARTED, utc_now())


def _left(session: Session, status: DonationStatus, expired_before: datetime) -> list[str]:
    left = select(Donation.id).filter_by(status=status).where(Donation.expires_at < expired_before)
    return [f"donation {found}" for found in session.scalars(left)]


def paid_donations_have_a_payment(session: Session) -> list[str]:
    """Find donations paid at the provider that name no payment of it, and others that name one."""
    names_none = Donation.stripe_payment_intent_id.is_(None)
    by_stripe = Donation.method == Method.STRIPE
    wrong = select(Donation.id).where(Donation.status == DonationStatus.PAID, names_none == by_stripe)
    return [f"donation {found}" for found in session.scalars(wrong)]


INVARIANTS: dict[str, Callable[[Session], list[str]]] = {
    "I4 paid donations name their payment": paid_donations_have_a_payment,
    "I15 no forgotten donation checkout": no_forgotten_checkout,
    "I18 no stuck donation": no_stuck_donation,
}
