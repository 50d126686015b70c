"""The double-entry journal: every movement of money, appended, never edited."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import DDL, CheckConstraint, ForeignKey, Table, event
from sqlalchemy.orm import Mapped, composite, mapped_column, relationship

from membership.db import Base
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


_SQLITE_REFUSAL = """
CREATE TRIGGER %(table)s_refuse_{act} BEFORE {act} ON %(table)s
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END
"""
_POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_journal_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the journal is append-only' USING ERRCODE = 'restrict_violation'; END $$
"""
_POSTGRES_REFUSAL = """
CREATE TRIGGER %(table)s_refuse_change BEFORE UPDATE OR DELETE ON %(table)s
FOR EACH ROW EXECUTE FUNCTION refuse_journal_change()
"""


def _append_only(table: Table) -> None:
    refusals = [_SQLITE_REFUSAL.format(act=act) for act in ("UPDATE", "DELETE")]
    for dialect, statements in {"sqlite": refusals, "postgresql": [_POSTGRES_FUNCTION, _POSTGRES_REFUSAL]}.items():
        for statement in statements:
            refusal = DDL(statement)  # type: ignore[no-untyped-call]
            event.listen(table, "after_create", refusal.execute_if(dialect=dialect))


_append_only(Base.metadata.tables["journal_transactions"])
_append_only(Base.metadata.tables["entries"])
