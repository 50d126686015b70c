"""Ways to support past Stripe, the references of who uses the bank, and what the bank's files say."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, composite, mapped_column, relationship

from membership.db import Base
from membership.donations.models import Donation
from membership.money import Money
from membership.patrons.models import Patron


class WayKind(StrEnum):
    BANK = "bank"
    CHEQUE = "cheque"
    PAYPAL = "paypal"
    CRYPTO = "crypto"
    IN_KIND = "in_kind"
    GRANT = "grant"


class Way(Base):
    """One other way to support, as the page tells readers of it; `details` are what they copy: an IBAN, an address."""

    __tablename__ = "ways"

    kind: Mapped[WayKind] = mapped_column(primary_key=True)
    text: Mapped[dict[str, str]]
    details: Mapped[dict[str, str]]
    position: Mapped[int] = mapped_column(default=0)


class BankReference(Base):
    """What a patron writes on her transfers, so that we know whose they are: ISO 11649, with check digits."""

    __tablename__ = "bank_references"

    id: Mapped[int] = mapped_column(primary_key=True)
    patron_id: Mapped[int] = mapped_column(ForeignKey("patrons.id"), unique=True)
    reference: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]


class BankFile(Base):
    """A file of the bank that was read: `digest` keeps the same one from being read twice."""

    __tablename__ = "bank_files"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    account: Mapped[str]
    lines: Mapped[int]
    left_out: Mapped[int]
    read_at: Mapped[datetime]


class LineStatus(StrEnum):
    WAITING = "waiting"
    BOOKED = "booked"
    REJECTED = "rejected"


class Match(StrEnum):
    """REFERENCE: it names a patron's own reference. SUGGESTED: something else points to her. UNKNOWN: nothing does."""

    REFERENCE = "reference"
    SUGGESTED = "suggested"
    UNKNOWN = "unknown"


class BankLine(Base):
    """Money that came to an account of ours; the bank's name for it (`entry_reference`) is unique in the account."""

    __tablename__ = "bank_lines"
    __table_args__ = (
        UniqueConstraint("account", "entry_reference"),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        CheckConstraint("(status = 'booked') = (donation_id IS NOT NULL)", name="booked_as_a_donation"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("bank_files.id"), index=True)
    account: Mapped[str]
    entry_reference: Mapped[str]
    booked_on: Mapped[date]
    amount_minor: Mapped[int]
    amount_currency: Mapped[str]
    amount: Mapped[Money] = composite("amount_minor", "amount_currency")
    payer: Mapped[str]
    payer_hash: Mapped[str] = mapped_column(index=True)
    text: Mapped[str]
    status: Mapped[LineStatus] = mapped_column(default=LineStatus.WAITING, index=True)
    match: Mapped[Match]
    patron_id: Mapped[int | None] = mapped_column(ForeignKey("patrons.id"), index=True)
    donation_id: Mapped[int | None] = mapped_column(ForeignKey("donations.id"), unique=True)
    reason: Mapped[str] = mapped_column(default="")
    patron: Mapped[Patron | None] = relationship(lazy="joined")
    donation: Mapped[Donation | None] = relationship(lazy="select")
