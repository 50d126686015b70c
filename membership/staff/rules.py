"""Small rules of the newsroom's pages: pages of a list, bars of a chart, who is named in the audit."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from membership.money import Money, total
from membership.patrons.models import Patron
from membership.payments.models import Payment, Refund, RefundStatus

_WIDTH, _HEIGHT, _BASELINE, _TALLEST = 760, 210, 180, 150
_SLOT_FILLED = 0.66


@dataclass(frozen=True, slots=True)
class Bar:
    """A month in a chart, from the axis at zero upwards; the latest and the highest carry their amount."""

    month: date
    amount: Money
    x: int
    y: int
    width: int
    height: int
    is_last: bool
    is_labelled: bool

    @property
    def middle(self) -> int:
        return self.x + self.width // 2


@dataclass(frozen=True, slots=True)
class Chart:
    """Months side by side over an axis at zero."""

    bars: Sequence[Bar]
    width: int = _WIDTH
    height: int = _HEIGHT
    baseline: int = _BASELINE


def draw(points: Sequence[tuple[date, Money]]) -> Chart:
    """Draw months, the earliest first, the highest as high as the chart allows."""
    highest = max((amount.minor for _, amount in points), default=0)
    slot = _WIDTH // max(len(points), 1)
    return Chart([_bar(index, point, highest, slot, len(points)) for index, point in enumerate(points)])


def _bar(index: int, point: tuple[date, Money], highest: int, slot: int, count: int) -> Bar:
    month, amount = point
    width = int(slot * _SLOT_FILLED)
    height = _TALLEST * amount.minor // highest if highest else 0
    is_last = index == count - 1
    return Bar(
        month=month,
        amount=amount,
        x=index * slot + (slot - width) // 2,
        y=_BASELINE - height,
        width=width,
        height=height,
        is_last=is_last,
        is_labelled=highest > 0 and (is_last or amount.minor == highest),
    )


def article_name(source: str) -> str:
    """Return the path of an article as one reads it: we know addresses, and no titles."""
    words = source.rstrip("/").rpartition("/")[2].partition(".")[0].replace("-", " ").replace("_", " ").strip()
    return words[:1].upper() + words[1:] if words else source


def audit_name(patron: Patron) -> str:
    """Name a patron, or a member of staff, in the audit."""
    return f"patron:{patron.public_id}"


def left_of(payment: Payment, refunds: Iterable[Refund]) -> Money:
    """Return what can still be given back of a payment; what is on its way counts as gone."""
    gone = (refund.amount for refund in refunds if refund.status is not RefundStatus.FAILED)
    return payment.gross - total(gone, payment.gross.currency)
