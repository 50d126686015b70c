"""What moved, by rows and by sums: both read one query."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, case, func, or_, select
from sqlalchemy import Row as Found
from sqlalchemy.orm import Session

from membership.money import Money
from membership.reports.rules import Window
from membership.reports.service.counted import MOVEMENTS
from membership.reports.values import COUNTS, SUMS, Cell, Kind, Purpose, Row

BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Which movements are wanted; None asks for all, an empty tier or source for those without one."""

    currency: str | None = None
    purpose: str | None = None
    tier: str | None = None
    source: str | None = None


def list_rows(
    session: Session, window: Window, cut: Cut | None = None, *, offset: int = 0, most: int | None = None
) -> Iterator[Row]:
    """Yield what moved in a window, oldest first, a batch at a time and as of one moment."""
    moved = select(MOVEMENTS).where(_within(MOVEMENTS, window), *_wanted(cut or Cut()))
    ordered = moved.order_by(MOVEMENTS.c.moment, MOVEMENTS.c.receipt_number, MOVEMENTS.c.kind)
    page = ordered.offset(offset).limit(most)
    with session.execute(page.execution_options(yield_per=BATCH)) as found:
        yield from map(_row, found)


def _within(movements: Subquery, window: Window) -> ColumnElement[bool]:
    return and_(movements.c.moment >= window.since, movements.c.moment < window.until)


def _wanted(cut: Cut) -> Iterator[ColumnElement[bool]]:
    for name in ("currency", "purpose", "tier", "source"):
        if (value := getattr(cut, name)) is not None:
            yield MOVEMENTS.c[name] == value


def _row(found: Found[Any]) -> Row:
    return Row(
        moment=found.moment,
        kind=Kind(found.kind),
        receipt_number=found.receipt_number,
        purpose=Purpose(found.purpose),
        tier=found.tier,
        source=found.source,
        fee=None if found.fee is None else Money(found.fee, found.currency),
        **{name: Money(getattr(found, name), found.currency) for name in SUMS if name != "fee"},
    )


def list_cells(session: Session, windows: Sequence[Window]) -> list[Cell]:
    """Add up what moved in each of some windows that do not overlap."""
    within = [_within(MOVEMENTS, window) for window in windows]
    place = case(*((condition, index) for index, condition in enumerate(within)))
    placed = select(MOVEMENTS, place.label("place")).where(or_(*within)).subquery()
    keys = (placed.c.place, placed.c.currency, placed.c.purpose, placed.c.tier, placed.c.source)
    summed = select(*keys, *_sums(placed)).group_by(*keys)
    return [_cell(found, windows[found.place].month) for found in session.execute(summed)]


def _sums(placed: Subquery) -> tuple[ColumnElement[int], ...]:
    return (
        *(func.coalesce(func.sum(placed.c[name]), 0).label(name) for name in SUMS),
        func.sum(case((placed.c.kind == Kind.PAYMENT.value, 1), else_=0)).label("payments"),
        func.sum(case((placed.c.kind == Kind.REFUND.value, 1), else_=0)).label("refunds"),
        func.sum(case((placed.c.fee.is_(None), 1), else_=0)).label("unknown_fees"),
    )


def _cell(found: Found[Any], month: date) -> Cell:
    return Cell(
        month=month,
        currency=found.currency,
        purpose=Purpose(found.purpose),
        tier=found.tier,
        source=found.source,
        **{name: int(getattr(found, name)) for name in (*COUNTS, *SUMS)},
    )
