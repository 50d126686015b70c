"""One-off gifts: the wish, committed before Stripe is asked, and what became of it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
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


class Purpose(StrEnum):
    """What a donor gives for: the newsroom, or a membership that somebody else will have."""

    DONATION = "donation"
    MEMBERSHIP = "membership"


class Method(StrEnum):
    """How the money came. STRIPE is the checkout; the others are entered by staff or read from the bank's files."""

    STRIPE = "stripe"
    BANK = "bank"
    CHEQUE = "cheque"
    CASH = "cash"
    PAYPAL = "paypal"
    CRYPTO = "crypto"
    IN_KIND = "in_kind"
    GRANT = "grant"


class Donation(Base):
    """A one-off gift; its donor may have no account, and a typed address proves nothing.

    `amount` is all that is paid; `cover` is what of it was added to cover the fees, and is no gift. Names and words
    that come with it stay here: they are sent to nobody.
    """

    __tablename__ = "donations"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        CheckConstraint("length(amount_currency) = 3", name="currency_known"),
        CheckConstraint("(status = 'paid') = (paid_at IS NOT NULL)", name="paid_has_a_time"),
        CheckConstraint("cover_minor >= 0 AND cover_minor < amount_minor", name="cover_is_a_part"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(unique=True)
    email: Mapped[str | None] = mapped_column(index=True)
    patron_id: Mapped[int | None] = mapped_column(ForeignKey("patrons.id"), index=True)
    amount_minor: Mapped[int]
    amount_currency: Mapped[str]
    amount: Mapped[Money] = composite("amount_minor", "amount_currency")
    cover_minor: Mapped[int] = mapped_column(default=0)
    status: Mapped[DonationStatus]
    purpose: Mapped[Purpose] = mapped_column(default=Purpose.DONATION)
    method: Mapped[Method] = mapped_column(default=Method.STRIPE)
    honouree: Mapped[str] = mapped_column(default="")
    message: Mapped[str] = mapped_column(default="")
    is_anonymous: Mapped[bool] = mapped_column(default=False)
    source: Mapped[str] = mapped_column(default="")
    locale: Mapped[str] = mapped_column(default="en")
    stripe_session_id: Mapped[str | None] = mapped_column(unique=True)
    stripe_payment_intent_id: Mapped[str | None] = mapped_column(unique=True)
    checkout_url: Mapped[str | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]

    @property
    def cover(self) -> Money:
        return Money(self.cover_minor, self.amount.currency)

    @property
    def gift(self) -> Money:
        """Return what is given, without what covers the fees."""
        return self.amount - self.cover


class FeeRate(Base):
    """What the provider takes of one class of payment, as staff configured it; `position` orders the classes."""

    __tablename__ = "fee_rates"
    __table_args__ = (
        UniqueConstraint("currency", "kind"),
        CheckConstraint("basis_points BETWEEN 0 AND 2000", name="share_believable"),
        CheckConstraint("fixed_minor >= 0", name="fixed_not_negative"),
        CheckConstraint("cap_minor > 0", name="cap_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    currency: Mapped[str]
    kind: Mapped[str]
    name: Mapped[dict[str, str]]
    basis_points: Mapped[int]
    fixed_minor: Mapped[int]
    cap_minor: Mapped[int | None]
    position: Mapped[int] = mapped_column(default=0)
