"""What came in, by month of the publication's zone."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from membership.clock import utc_now
from membership.reports import rules
from membership.reports.rules import Change, MonthReport
from membership.reports.service.members import count_begun, count_ended
from membership.reports.service.movements import list_cells
from membership.reports.values import Figures


def month_report(session: Session, month: date, timezone: str) -> MonthReport:
    """Report what came in during a month of the publication's zone, per currency and never across currencies."""
    window = rules.window_of(month, timezone)
    cells = list_cells(session, [window])
    return MonthReport(
        window=window,
        as_of=utc_now(),
        totals=rules.totals(cells),
        by_purpose=rules.parts(cells, lambda cell: cell.purpose.value),
        by_tier=rules.parts(cells, lambda cell: cell.tier),
        by_source=rules.parts(cells, lambda cell: cell.source),
        begun=count_begun(session, window),
        ended=count_ended(session, window),
    )


def list_months(session: Session, last: date, timezone: str, count: int = 12) -> list[tuple[date, list[Figures]]]:
    """Return the figures of the last months up to this one, the earliest first; an empty month has none."""
    windows = rules.months_until(last, count, timezone)
    cells = list_cells(session, windows)
    return [(window.month, rules.totals([cell for cell in cells if cell.month == window.month])) for window in windows]


def compare(session: Session, month: date, timezone: str, now: datetime) -> list[Change]:
    """Return the figures of a month so far beside those of the same stretch of the month before, per currency."""
    window = rules.so_far(rules.window_of(month, timezone), now)
    before = rules.same_stretch(rules.window_of(rules.step(month, -1), timezone), window)
    return rules.changes(list_cells(session, [window, before]), month)
