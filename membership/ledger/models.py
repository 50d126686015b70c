"""The double-entry journal: every movement of money, appended, never edited."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, composite, mapped_column, relationship

from membership.db import Base, append_only
from membership.money import Money


class Account(StrEnum):
    """Where money is, or what it was for. Signed: what we hold or spent is positive, what we were given is negative.

    Each account is kept per currency. CLEARING: what Stripe owes us and has not settled. TRANSIT: on its way from
    Stripe to the bank. EXCHANGE: the two sides of a conversion, so that each currency sums to zero by itself.
    RETURNED_DEBITS: what was booked as income and came back, for the bank debit failed after all.
    OTHERS: what moved on our Stripe account for products that are not ours.
    """

    STRIPE = "stripe"
    CLEARING = "clearing"
    TRANSIT = "transit"
    BANK = "bank"
    CASH = "cash"
    CHEQUES = "cheques"
    PAYPAL = "paypal"
    CRYPTO = "crypto"
    IN_KIND = "in_kind"
    SUBSCRIPTION_INCOME = "subscription_income"
    DONATION_INCOME = "donation_income"
    GIFT_INCOME = "gift_income"
    GRANT_INCOME = "grant_income"
    COVERED_FEES = "covered_fees"
    FEES = "fees"
    REFUNDS = "refunds"
    RETURNED_DEBITS = "returned_debits"
    DISPUTES = "disputes"
    DISPUTE_FEES = "dispute_fees"
    WRITE_OFFS = "write_offs"
    EXCHANGE = "exchange"
    OTHERS = "others"


class JournalKind(StrEnum):
    PAYMENT = "payment"
    SETTLEMENT = "settlement"
    REFUND = "refund"
    REFUND_SETTLEMENT = "refund_settlement"
    RETURN = "return"
    DISPUTE = "dispute"
    PAYOUT = "payout"
    OFFLINE = "offline"
    WRITE_OFF = "write_off"
    REVERSAL = "reversal"
    OTHER = "other"


# Where a gift that did not come through Stripe can be held, and what it can be booked as.
HOLDING = frozenset({Account.BANK, Account.CASH, Account.CHEQUES, Account.PAYPAL, Account.CRYPTO, Account.IN_KIND})
# What may be given up: what somebody owes us or should have sent. Anything else moved, and is told by what moved it.
OWED = HOLDING | {Account.CLEARING, Account.TRANSIT}
INCOME = frozenset(
    {
        Account.SUBSCRIPTION_INCOME,
        Account.DONATION_INCOME,
        Account.GIFT_INCOME,
        Account.GRANT_INCOME,
        Account.COVERED_FEES,
    }
)


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
