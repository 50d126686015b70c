"""One-off gifts: the wish, committed before Stripe is asked, and what became of it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, composite, mapped_column

from membership.db import Base
from membership.money import Money


class DonationStatus(StrEnum):
    """STARTED: our row exists. OPEN: Stripe holds a checkout. PAID, EXPIRED and FAILED are what became of it."""

    STARTED = "started"
    OPEN = "open"
    PAID = "paid"
    EXPIRED = "expired"
    FAILED = "failed"


class Donation(Base):
    """A one-off gift; its donor may have no account, and a typed address proves nothing."""

    __tablename__ = "donations"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        CheckConstraint("length(amount_currency) = 3", name="currency_known"),
        CheckConstraint("(status = 'paid') = (paid_at IS NOT NULL)", name="paid_has_a_time"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(unique=True)
    email: Mapped[str | None] = mapped_column(index=True)
    patron_id: Mapped[int | None] = mapped_column(ForeignKey("patrons.id"), index=True)
    amount_minor: Mapped[int]
    amount_currency: Mapped[str]
    amount: Mapped[Money] = composite("amount_minor", "amount_currency")
    status: Mapped[DonationStatus]
    source: Mapped[str] = mapped_column(default="")
    locale: Mapped[str] = mapped_column(default="en")
    stripe_session_id: Mapped[str | None] = mapped_column(unique=True)
    stripe_payment_intent_id: Mapped[str | None] = mapped_column(unique=True)
    checkout_url: Mapped[str | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]
