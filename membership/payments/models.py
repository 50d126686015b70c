"""Money that moved by Stripe, mirrored; the books are in the ledger."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, composite, mapped_column, relationship

from membership.db import Base
from membership.donations.models import Donation
from membership.money import Money
from membership.subscriptions.models import Invoice


class RefundStatus(StrEnum):
    STARTED = "started"
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


_STANDING = text("returned_at IS NULL")


def _one_standing(column: str) -> Index:
    """Let one payment stand for what a column names; those that came back do not count."""
    name = f"uq_payments_standing_{column}"
    return Index(name, column, unique=True, sqlite_where=_STANDING, postgresql_where=_STANDING)


class Payment(Base):
    """A charge that succeeded, for a donation or for an invoice; the fee is unknown until Stripe settles it.

    One with `returned_at` was a bank debit that came back: it has failed after all, and may be followed by another.
    Money that came past Stripe is a payment, too: it names nothing of Stripe's, and its donation says how it came.
    """

    __tablename__ = "payments"
    __table_args__ = (
        CheckConstraint("gross_minor > 0", name="gross_positive"),
        CheckConstraint("refunded_minor BETWEEN 0 AND gross_minor", name="refunded_within_gross"),
        CheckConstraint("(donation_id IS NULL) <> (invoice_id IS NULL)", name="one_purpose"),
        CheckConstraint("(stripe_payment_intent_id IS NULL) = (stripe_charge_id IS NULL)", name="stripe_or_not"),
        CheckConstraint("returned_at IS NULL OR stripe_charge_id IS NOT NULL", name="returned_to_stripe"),
        *(_one_standing(column) for column in ("stripe_payment_intent_id", "donation_id", "invoice_id")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    stripe_payment_intent_id: Mapped[str | None] = mapped_column(index=True)
    stripe_charge_id: Mapped[str | None] = mapped_column(unique=True)
    donation_id: Mapped[int | None] = mapped_column(ForeignKey("donations.id"), index=True)
    invoice_id: Mapped[int | None] = mapped_column(ForeignKey("invoices.id"), index=True)
    patron_id: Mapped[int | None] = mapped_column(ForeignKey("patrons.id"), index=True)
    tier_id: Mapped[int | None] = mapped_column(ForeignKey("tiers.id"), index=True)
    source: Mapped[str] = mapped_column(default="")
    gross_minor: Mapped[int]
    gross_currency: Mapped[str]
    gross: Mapped[Money] = composite("gross_minor", "gross_currency")
    fee_minor: Mapped[int | None]
    refunded_minor: Mapped[int] = mapped_column(default=0)
    paid_at: Mapped[datetime] = mapped_column(index=True)
    returned_at: Mapped[datetime | None]
    receipt_number: Mapped[str] = mapped_column(unique=True)
    donation: Mapped[Donation | None] = relationship(lazy="joined")
    invoice: Mapped[Invoice | None] = relationship(lazy="joined")


class Refund(Base):
    """Money given back; the row is the intent, committed before Stripe is asked.

    One that failed waits for staff to find another way; `seen_to_at` says that they have.
    """

    __tablename__ = "refunds"
    __table_args__ = (CheckConstraint("amount_minor > 0", name="amount_positive"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(unique=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"), index=True)
    stripe_refund_id: Mapped[str | None] = mapped_column(unique=True)
    amount_minor: Mapped[int]
    amount_currency: Mapped[str]
    amount: Mapped[Money] = composite("amount_minor", "amount_currency")
    status: Mapped[RefundStatus]
    reason: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    seen_to_at: Mapped[datetime | None]
    payment: Mapped[Payment] = relationship(lazy="joined")


class DisputeStatus(StrEnum):
    """INQUIRY: the bank only asks. OPEN: it holds the money. WON: it gave it back. CLOSED: nothing came of it."""

    INQUIRY = "inquiry"
    OPEN = "open"
    WON = "won"
    LOST = "lost"
    CLOSED = "closed"

    @property
    def takes_back(self) -> bool:
        """Whether the payment counts as taken back, for as long as nobody has decided otherwise."""
        return self in {DisputeStatus.OPEN, DisputeStatus.LOST}


class Dispute(Base):
    """A payment, or a part of it, that a bank takes back or asks about."""

    __tablename__ = "disputes"
    __table_args__ = (CheckConstraint("amount_minor > 0", name="amount_positive"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    stripe_dispute_id: Mapped[str] = mapped_column(unique=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"), index=True)
    amount_minor: Mapped[int]
    amount_currency: Mapped[str]
    amount: Mapped[Money] = composite("amount_minor", "amount_currency")
    status: Mapped[DisputeStatus]
    reason: Mapped[str]
    opened_at: Mapped[datetime] = mapped_column(index=True)
    payment: Mapped[Payment] = relationship(lazy="joined")


class FraudWarning(Base):
    """A card network's warning that a payment is probably fraud."""

    __tablename__ = "fraud_warnings"

    id: Mapped[int] = mapped_column(primary_key=True)
    stripe_warning_id: Mapped[str] = mapped_column(unique=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"), index=True)
    kind: Mapped[str]
    is_actionable: Mapped[bool]
    warned_at: Mapped[datetime] = mapped_column(index=True)
    payment: Mapped[Payment] = relationship(lazy="joined")


class PayoutStatus(StrEnum):
    PENDING = "pending"
    IN_TRANSIT = "in_transit"
    PAID = "paid"
    CANCELED = "canceled"
    FAILED = "failed"


class Payout(Base):
    """Money that Stripe sends to our bank; `is_complete` says that Stripe has told all of its lines."""

    __tablename__ = "payouts"

    id: Mapped[int] = mapped_column(primary_key=True)
    stripe_payout_id: Mapped[str] = mapped_column(unique=True)
    amount_minor: Mapped[int]
    amount_currency: Mapped[str]
    amount: Mapped[Money] = composite("amount_minor", "amount_currency")
    status: Mapped[PayoutStatus]
    is_automatic: Mapped[bool]
    is_complete: Mapped[bool]
    arrives_at: Mapped[datetime]
    created_at: Mapped[datetime] = mapped_column(index=True)


class BalanceTransaction(Base):
    """One line of Stripe's own account of our balance; not `is_ours` is what moved for other products."""

    __tablename__ = "balance_transactions"
    __table_args__ = (CheckConstraint("net_minor = gross_minor - fee_minor", name="net_adds_up"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    stripe_balance_transaction_id: Mapped[str] = mapped_column(unique=True)
    stripe_source_id: Mapped[str | None] = mapped_column(index=True)
    category: Mapped[str]
    gross_minor: Mapped[int]
    fee_minor: Mapped[int]
    net_minor: Mapped[int]
    currency: Mapped[str]
    is_ours: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(index=True)
    payout_id: Mapped[int | None] = mapped_column(ForeignKey("payouts.id"), index=True)


class ReceiptCounter(Base):
    """The last receipt number of a year; counted in the transaction that records the payment, so that none is lost."""

    __tablename__ = "receipt_counters"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]
