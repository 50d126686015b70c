"""Months in the publication's zone, and sums that stay in their currency: pure, exact, parts equal to the whole."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from membership.money import Money
from membership.reports.errors import MonthUnreadable
from membership.reports.values import COUNTS, SUMS, Cell, Figures

_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Window:
    """A month, or its beginning: from `since` to before `until`, both UTC."""

    month: date
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Part:
    """The figures of one purpose, tier or source."""

    key: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class Change:
    """The figures of a month so far, and of the same stretch of the month before."""

    present: Figures
    past: Figures

    @property
    def difference(self) -> Money:
        """How much more came in, or how much less, before fees and refunds."""
        return self.present.gross - self.past.gross


@dataclass(frozen=True, slots=True)
class Series:
    """What came in by month, in one currency, the earliest month first."""

    currency: str
    points: Sequence[tuple[date, Money]]


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthReport:
    """What came in during one month, a list of figures per currency; the parts of each list sum to the totals."""

    window: Window
    as_of: datetime
    totals: Sequence[Figures]
    by_purpose: Sequence[Part]
    by_tier: Sequence[Part]
    by_source: Sequence[Part]
    begun: int
    ended: int

    @property
    def month(self) -> date:
        return self.window.month


def parse_month(text: str) -> date:
    """Read a month like 2026-11; raises MonthUnreadable."""
    found = _MONTH.fullmatch(text)
    if found is None:
        raise MonthUnreadable
    return date(int(found[1]), int(found[2]), 1)


def month_of(moment: datetime, timezone: str) -> date:
    """Return the first day of the month that a moment falls in, in the publication's zone."""
    return moment.astimezone(ZoneInfo(timezone)).date().replace(day=1)


def step(month: date, months: int) -> date:
    """Return the month that is some months later, or earlier."""
    years, index = divmod(month.month - 1 + months, 12)
    return date(month.year + years, index + 1, 1)


def window_of(month: date, timezone: str) -> Window:
    """Return when a month begins and ends in the publication's zone, summer time or not."""
    return Window(month, _begin(month, timezone), _begin(step(month, 1), timezone))


def months_until(month: date, count: int, timezone: str) -> list[Window]:
    """Return the windows of the last months up to this one, the earliest first."""
    return [window_of(step(month, -back), timezone) for back in reversed(range(count))]


def so_far(window: Window, now: datetime) -> Window:
    """Return the part of a month that has passed."""
    return Window(window.month, window.since, max(window.since, min(window.until, now)))


def same_stretch(window: Window, of: Window) -> Window:
    """Return as much of a month as another window covers of its own."""
    return Window(window.month, window.since, min(window.until, window.since + (of.until - of.since)))


def _begin(month: date, timezone: str) -> datetime:
    return datetime(month.year, month.month, 1, tzinfo=ZoneInfo(timezone)).astimezone(UTC)


def add_up(cells: Iterable[Cell], currency: str) -> Figures:
    """Add the cells of one currency; no amount is ever added to one of another."""
    own = [cell for cell in cells if cell.currency == currency]
    told: dict[str, Any] = {name: sum(getattr(cell, name) for cell in own) for name in COUNTS}
    told |= {name: Money(sum(getattr(cell, name) for cell in own), currency) for name in SUMS}
    return Figures(currency=currency, **told)


def totals(cells: Sequence[Cell]) -> list[Figures]:
    """Return the figures of each currency, in the order of their codes."""
    return [add_up(cells, currency) for currency in sorted({cell.currency for cell in cells})]


def parts(cells: Iterable[Cell], key: Callable[[Cell], str]) -> list[Part]:
    """Return the figures of each key, per currency, the largest first."""
    grouped: defaultdict[tuple[str, str], list[Cell]] = defaultdict(list)
    for cell in cells:
        grouped[cell.currency, key(cell)].append(cell)
    found = [Part(name, add_up(own, currency)) for (currency, name), own in grouped.items()]
    return sorted(found, key=lambda part: (part.figures.currency, -part.figures.gross.minor, part.key))


def changes(cells: Sequence[Cell], month: date) -> list[Change]:
    """Compare the cells of a month with the others, per currency."""
    present = [cell for cell in cells if cell.month == month]
    past = [cell for cell in cells if cell.month != month]
    currencies = sorted({cell.currency for cell in cells})
    return [Change(add_up(present, currency), add_up(past, currency)) for currency in currencies]


def series(months: Iterable[tuple[date, Sequence[Figures]]]) -> list[Series]:
    """Turn the figures of some months into what came in by month, per currency; a month without any is nought."""
    gross = [(month, {figures.currency: figures.gross for figures in found}) for month, found in months]
    currencies = sorted({currency for _, found in gross for currency in found})
    return [
        Series(currency, [(month, found.get(currency, Money(0, currency))) for month, found in gross])
        for currency in currencies
    ]


def covering(flags_of_tiers: Iterable[Iterable[str]]) -> list[str]:
    """Return few flags of which every tier that has flags holds at least one."""
    left = [set(flags) for flags in flags_of_tiers if flags]
    chosen: list[str] = []
    while left:
        known = sorted(set().union(*left))
        chosen.append(max(known, key=lambda flag: sum(flag in flags for flags in left)))
        left = [flags for flags in left if chosen[-1] not in flags]
    return chosen
