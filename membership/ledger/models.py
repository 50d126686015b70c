"""The double-entry journal: every movement of money, appended, never edited."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, composite, mapped_column, relationship

from membership.db import Base, append_only
from membership.money import Money


class Account(StrEnum):
    """Where money is. Balances are signed: what we hold is positive, what we were given is negative."""

    STRIPE = "stripe"
    CLEARING = "clearing"
    SUBSCRIPTION_INCOME = "subscription_income"
    DONATION_INCOME = "donation_income"
    FEES = "fees"
    REFUNDS = "refunds"
    BANK = "bank"


class JournalKind(StrEnum):
    PAYMENT = "payment"
    SETTLEMENT = "settlement"
    REFUND = "refund"
    REFUND_SETTLEMENT = "refund_settlement"
    OTHER = "other"


class JournalTransaction(Base):
    """One movement; `cause` (what made it) is unique, so that nothing is booked twice."""

    __tablename__ = "journal_transactions"

    id: Mapped[int] = mapped_column(primary_key=True)
    cause: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[JournalKind]
    occurred_at: Mapped[datetime] = mapped_column(index=True)
    recorded_at: Mapped[datetime]
    stripe_balance_transaction_id: Mapped[str | None] = mapped_column(unique=True)
    entries: Mapped[list["Entry"]] = relationship(
        lazy="selectin", back_populates="transaction", cascade="save-update, merge"
    )


class Entry(Base):
    """One leg of a movement; the legs of a movement sum to zero in each currency."""

    __tablename__ = "entries"
    __table_args__ = (
        CheckConstraint("amount_minor <> 0", name="amount_not_zero"),
        CheckConstraint("length(amount_currency) = 3", name="currency_known"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    transaction_id: Mapped[int] = mapped_column(ForeignKey("journal_transactions.id"), index=True)
    account: Mapped[Account] = mapped_column(index=True)
    amount_minor: Mapped[int]
    amount_currency: Mapped[str]
    amount: Mapped[Money] = composite("amount_minor", "amount_currency")
    transaction: Mapped[JournalTransaction] = relationship(lazy="joined", back_populates="entries")


for _name in ("journal_transactions", "entries"):
    append_only(
        Base.metadata.tables[_name],
        words="the journal is append-only",
        function="refuse_journal_change",
        triggers=(f"{_name}_refuse_UPDATE", f"{_name}_refuse_DELETE", f"{_name}_refuse_change"),
        code="restrict_violation",
    )
