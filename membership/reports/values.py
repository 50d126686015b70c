"""What reports are made of: rows, the sums of rows, and figures; amounts never leave their currency."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from membership.money import Money


class Purpose(StrEnum):
    """What a payment was for."""

    SUBSCRIPTION = "subscription"
    DONATION = "donation"
    GIFT = "gift"
    GRANT = "grant"
    OTHER = "other"


class Kind(StrEnum):
    """What a row tells of.

    RETURN: a bank debit that was paid and came back. DISPUTE: what a bank took or returned, and its fee. REVERSAL: a
    booking that was mended.
    """

    PAYMENT = "payment"
    REFUND = "refund"
    RETURN = "return"
    DISPUTE = "dispute"
    WRITE_OFF = "write_off"
    REVERSAL = "reversal"


# What reports add up, each in its own currency.
SUMS = ("gross", "covered", "fee", "refunded", "returned", "disputed", "dispute_fees", "written_off")
COUNTS = ("payments", "refunds", "unknown_fees")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One movement: a payment, or on its own date what was taken from one, with the purpose, tier and source of it.

    `gross` is what was given or paid; `covered` is what the donor added for the fees, and is counted apart.
    """

    moment: datetime
    kind: Kind
    receipt_number: str
    purpose: Purpose
    tier: str
    source: str
    gross: Money
    refunded: Money
    fee: Money | None
    covered: Money
    returned: Money
    disputed: Money
    dispute_fees: Money
    written_off: Money

    @property
    def lost(self) -> Money:
        """What banks took or sent back, and nobody will pay."""
        return self.returned + self.disputed + self.dispute_fees + self.written_off

    @property
    def net(self) -> Money | None:
        """What stays; unknown as long as the fee is."""
        return self.gross + self.covered - self.refunded - self.lost - self.fee if self.fee is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """The sums of the movements that share month, currency, purpose, tier and source; minor units."""

    month: date
    currency: str
    purpose: Purpose
    tier: str
    source: str
    payments: int = 0
    gross: int = 0
    covered: int = 0
    fee: int = 0
    unknown_fees: int = 0
    refunds: int = 0
    refunded: int = 0
    returned: int = 0
    disputed: int = 0
    dispute_fees: int = 0
    written_off: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Sums in one currency; `fee` leaves out the payments whose fee is not known yet."""

    currency: str
    payments: int
    gross: Money
    covered: Money
    fee: Money
    unknown_fees: int
    refunds: int
    refunded: Money
    returned: Money
    disputed: Money
    dispute_fees: Money
    written_off: Money

    @property
    def lost(self) -> Money:
        """What banks took or sent back, and nobody will pay."""
        return self.returned + self.disputed + self.dispute_fees + self.written_off

    @property
    def net(self) -> Money:
        """What stays after refunds, losses and known fees."""
        return self.gross + self.covered - self.refunded - self.lost - self.fee
