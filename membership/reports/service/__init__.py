"""What reports can answer: what came in, and who is here."""

from membership.reports.service.members import count_begun, count_ended, count_members
from membership.reports.service.months import compare, list_months, month_report
from membership.reports.service.movements import Cut, list_cells, list_rows

__all__ = [
    "Cut",
    "compare",
    "count_begun",
    "count_ended",
    "count_members",
    "list_cells",
    "list_months",
    "list_rows",
    "month_report",
]
