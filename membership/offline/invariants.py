"""What must always be true of money that comes past Stripe."""

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session
from stdnum import iso11649

from membership.donations.models import Donation
from membership.offline.models import BankLine, BankReference


def misbooked_lines(session: Session) -> list[str]:
    """List the lines of the bank that were booked with another amount than the bank says."""
    other = Donation.amount_minor != BankLine.amount_minor
    wrong = select(BankLine.id).join(Donation, Donation.id == BankLine.donation_id)
    mixed = other | (Donation.amount_currency != BankLine.amount_currency)
    return [f"bank line {found}" for found in session.scalars(wrong.where(mixed).order_by(BankLine.id))]


def unsound_references(session: Session) -> list[str]:
    """List the references whose check digits are wrong."""
    known = session.execute(select(BankReference.id, BankReference.reference))
    return [f"bank reference {key}" for key, reference in known if not iso11649.is_valid(reference)]


INVARIANTS: dict[str, Callable[[Session], list[str]]] = {
    "B1 bank lines are booked as the bank says": misbooked_lines,
    "B2 bank references have sound check digits": unsound_references,
}
