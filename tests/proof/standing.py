"""What the model keeps of payments, standing orders and given time; moments are seconds, amounts cents."""

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import UTC, datetime

HOUR, DAY, LEAST = 3600, 24 * 3600, 50
TRIES, GRACE, AWAITED, PATIENCE = (3 * DAY, 5 * DAY, 7 * DAY), 14 * DAY, 3 * DAY, 5 * DAY
MONTH_OF_TIME, MOST_MONTHS, DISPUTE_FEE, ANSWERED_WITHIN = 500, 12, 2000, 9 * DAY
Price = tuple[str, int, int]  # tier, months, amount
Span = tuple[int, int]


def later(moment: int, months: int) -> int:
    """Return the same day some months later, or the last of a shorter month."""
    day = datetime.fromtimestamp(moment, UTC)
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    return int(day.replace(year=year, month=month + 1, day=min(day.day, last)).timestamp())


def share(amount: int, part: int, whole: int) -> int:
    return (2 * amount * part + whole) // (2 * whole)


@dataclass
class Payment:
    who: int | None
    kind: str
    gross: int
    at: int
    span: Span | None = None
    back: int = 0
    back_at: int = 0
    dispute: str = ""
    dispute_at: int = 0

    @property
    def revoked_at(self) -> int | None:
        causes = [self.back_at] if self.back == self.gross else []
        causes += [self.dispute_at] if self.dispute in {"open", "lost"} else []
        return min(causes, default=None)


@dataclass
class Debt:
    amount: int
    span: Span
    carried: int = 0
    tries: int = 1
    next_at: int | None = None


@dataclass
class Order:
    who: int
    price: Price
    anchor: int
    span: Span
    pays: bool
    status: str = "active"
    payments: list[Payment] = field(default_factory=list)
    free: list[Span] = field(default_factory=list)
    cancel_at: int | None = None
    rest_until: int | None = None
    next_price: Price | None = None
    debt: Debt | None = None
    ended_at: int | None = None
    draft_at: int | None = None

    def next_at(self) -> int | None:
        """Return when something falls due by itself."""
        if self.ended_at:
            return None
        due = [self.span[1], self.draft_at, self.cancel_at, self.debt.next_at if self.debt else None]
        return min(one for one in due if one is not None)

    def paid_until(self) -> int | None:
        good = [one.span[1] for one in self.payments if one.span and one.revoked_at is None]
        good += [end for _, end in self.free if self.status != "trial"]
        until = max(good, default=None)
        return min(until, self.ended_at) if until and self.ended_at else until

    def asked_until(self) -> int:
        """Return until when she has paid herself, or is asked to pay just now."""
        paid = self.paid_until() if self.rest_until else self.span[1]
        return (paid or 0) if self.status != "late" else 0

    def renewal_from(self, moment: int) -> int:
        """Return the first renewal then or later, after a pause."""
        earliest, number = max(moment, self.span[1], (self.rest_until or 0) + HOUR), 0
        while later(self.anchor, number) < earliest:
            number += 1
        return later(self.anchor, number)


@dataclass
class Term:
    who: int
    kind: str
    tier: str
    start: int
    end: int
    awaited: int
    payment: Payment

    @property
    def is_good(self) -> bool:
        return self.payment.revoked_at is None
