"""What a part of a period costs: to the second, each amount rounded by itself, credits from what was really asked.

https://docs.stripe.com/billing/subscriptions/prorations, for subscriptions in flexible billing mode.
"""

from dataclasses import asdict, dataclass

from membership.sandbox.store import Object

Span = tuple[int, int]


@dataclass(frozen=True)
class Debit:
    """What a subscription item was asked for a span of time, after discounts, and where that is written."""

    amount: int
    start: int
    end: int
    invoice: str | None = None
    line: str | None = None
    invoice_item: str | None = None

    def stored(self) -> Object:
        """Return this as JSON."""
        return asdict(self)


def share(amount: int, part: int, whole: int, step: int = 1) -> int:
    """Return that part of an amount, rounded half away from zero to a multiple of `step`."""
    sign = -1 if amount < 0 else 1
    return sign * ((2 * abs(amount) * part + whole * step) // (2 * whole * step)) * step


def cost(amount: int, span: Span, period: Span, step: int = 1) -> int:
    """Return what a span costs of a period that costs an amount."""
    return share(amount, span[1] - span[0], period[1] - period[0], step)


def split(debits: list[Debit], moment: int, step: int = 1) -> tuple[list[Debit], list[tuple[Debit, int]]]:
    """Cut what was asked at a moment: what stays asked, and beside each debit for later time what it gives back."""
    kept, given_back = [], []
    for debit in debits:
        if debit.end <= moment:
            continue
        start = max(debit.start, moment)
        back = cost(debit.amount, (start, debit.end), (debit.start, debit.end), step)
        if back:
            given_back.append((debit, back))
        if start > debit.start:
            same = (debit.invoice, debit.line, debit.invoice_item)
            kept.append(Debit(debit.amount - back, debit.start, moment, *same))
    return kept, given_back
